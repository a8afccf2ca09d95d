"""Templates of troposphere as the Python source that creates them."""

from __future__ import annotations

import json
import keyword
from typing import Any, Final

from troposphere import (
    AWSHelperFn,
    AWSObject,
    BaseAWSObject,
    Output,
    Tags,
    Template,
    encode_to_dict,
)

from tapgen.model.layer import Layer
from tapgen.model.templates.seal import OUTPUT
from tapgen.render.sources.builders import blueprint_of

_NAMELESS: Final = ("condition", "mapping")
PARTS: Final = ("parameter", "mapping", "condition", "resource", "output")


def as_rendered(layer: Layer, text: str) -> Template:
    """The layer's template, with the seal from its rendered `text`."""
    template = blueprint_of(layer).template
    template.add_output(Output(OUTPUT, **json.loads(text)["Outputs"][OUTPUT]))
    return template


class Source:
    """Calls of troposphere's classes, and the imports that they need."""

    def __init__(self) -> None:
        self._services: set[str] = set()
        self._classes: dict[str, str] = {}

    @property
    def classes(self) -> list[str]:
        """Definitions of classes that troposphere lacks and the calls so far need."""
        return list(self._classes.values())

    @property
    def imports(self) -> list[str]:
        """A line for each module that the calls so far need."""
        return [f"import {service}" for service in sorted({"troposphere", *self._services})]

    def calls(self, template: Template, parts: tuple[str, ...] = PARTS) -> list[str]:
        """Lines that add the content of this template to `template`, which is empty."""
        lines = [
            f"template.set_description({template.description!r})",
            "template.set_version()",
            f"template.set_metadata({template.metadata!r})",
        ]
        for part in parts:
            for name, one in getattr(template, f"{part}s").items():
                # Parameters, resources and outputs know their own names.
                first = f"{name!r}, " if part in _NAMELESS else ""
                lines.append(f"template.add_{part}({first}{self._value(one)})")
        return lines

    def _value(self, value: Any) -> str:
        match value:
            case Tags():
                return " + ".join(map(self._tags, _ascending(value.tags)))
            case BaseAWSObject():
                return self._object(value)
            case AWSHelperFn():
                return self._function(value)
            case dict():
                inside = (f"{key!r}: {self._value(inner)}" for key, inner in value.items())
                return f"{{{', '.join(inside)}}}"
            case list() | tuple():
                return f"[{', '.join(map(self._value, value))}]"
            case str() | int() | float() | None:
                return repr(value)
            case _:  # a policy of awacs
                return repr(encode_to_dict(value))

    def _tags(self, tags: list[dict[str, Any]]) -> str:
        return f"troposphere.Tags({self._value({tag['Key']: tag['Value'] for tag in tags})})"

    def _object(self, value: BaseAWSObject) -> str:
        arguments = dict(value.properties)
        if isinstance(value, AWSObject):
            own = value.resource.items()
            arguments |= {key: one for key, one in own if key not in {"Type", "Properties"}}
        inside = [repr(value.title)] if value.title else []
        inside += [_argument(key, self._value(one)) for key, one in arguments.items()]
        return f"{self._class(type(value))}({', '.join(inside)})"

    def _class(self, kind: Any) -> str:
        if kind.__module__.startswith("troposphere"):
            self._services.add(kind.__module__)
            return f"{kind.__module__}.{kind.__qualname__}"
        # A layer's own class: a troposphere class with properties that troposphere lacks.
        (parent,) = kind.__bases__
        inherited = self._class(parent)
        own = {name: kind.props[name] for name in kind.props.keys() - parent.props.keys()}
        props = [f"{name!r}: ({one.__name__}, {must})" for name, (one, must) in sorted(own.items())]
        props.insert(0, f"**{inherited}.props")
        name: str = kind.__name__
        self._classes[name] = f"class {name}({inherited}):\n    props = {{{', '.join(props)}}}\n"
        return name

    def _function(self, value: AWSHelperFn) -> str:
        kind = type(value)
        ((_, argument),) = value.data.items()
        arguments = argument if isinstance(argument, (list, tuple)) else [argument]
        return f"{kind.__module__}.{kind.__qualname__}({', '.join(map(self._value, arguments))})"


def _ascending(tags: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The parts in order: troposphere sorts the parts of one call."""
    parts: list[list[dict[str, Any]]] = []
    for tag in tags:
        if parts and parts[-1][-1]["Key"] < tag["Key"]:
            parts[-1].append(tag)
        else:
            parts.append([tag])
    return parts


def _argument(name: str, value: str) -> str:
    """An argument. Some property names (`None`) are not valid names in Python."""
    return f"**{{{name!r}: {value}}}" if keyword.iskeyword(name) else f"{name}={value}"
