"""The same templates as a plain troposphere script.

What a person would write who needs nothing but these files: a module a layer that calls the same
classes of troposphere with the same arguments, policies as plain dictionaries, and the stack files
as dictionaries too. No settings, no checks, no comparison with what is there.
"""

from __future__ import annotations

import json
import keyword
import pprint
import shutil
import sys
from pathlib import Path
from typing import Any, Final

from troposphere import AWSHelperFn, AWSObject, BaseAWSObject, Tags, Template, encode_to_dict

from tapgen.layers.registry import LAYERS

_MAIN: Final = '''\
"""Write every template and every stack file."""

import json
import os
import sys

import troposphere

{imports}

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "out")


def write(path, text):
    path = os.path.join(OUT, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


{writes}
for path, stack in stacks.STACKS.items():
    write(path, json.dumps(stack, indent=2, sort_keys=True) + "\\n")
'''


def write_script(project: Path) -> Path:
    """Write the script for `project/templates_out` and give its path; it writes beside itself."""
    folder = project / "bare"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "layers").mkdir(parents=True)
    (folder / "layers" / "__init__.py").write_text("")
    layers = [layer.name for layer in LAYERS]
    for layer in LAYERS:
        source = _Module().source(layer.build().template)
        (folder / "layers" / f"{layer.name}.py").write_text(source)
    rendered = project / "templates_out"
    stacks = {
        path.relative_to(rendered).as_posix(): json.loads(path.read_text())
        for path in sorted(rendered.glob("*/*.json"))
    }
    (folder / "stacks.py").write_text(f"STACKS = {pprint.pformat(stacks)}\n")
    script = folder / "render.py"
    script.write_text(
        _MAIN.format(
            imports=f"import stacks\nfrom layers import {', '.join(layers)}",
            writes="\n".join(f'write("{one}.json", {one}.template.to_json())' for one in layers),
        )
    )
    return script


class _Module:
    """The source of one layer's module."""

    def __init__(self) -> None:
        self._services: set[str] = set()

    def source(self, template: Template) -> str:
        lines = [
            f"template = troposphere.Template(Description={template.description!r})",
            "template.set_version()",
            f"template.set_metadata({template.metadata!r})",
        ]
        parts = {
            "parameter": template.parameters,
            "condition": template.conditions,
            "resource": template.resources,
            "output": template.outputs,
        }
        for kind, declared in parts.items():
            for name, one in declared.items():
                # Everything but a condition knows its own name.
                first = f"{name!r}, " if kind == "condition" else ""
                lines.append(f"template.add_{kind}({first}{self._value(one)})")
        imports = [f"import {service}" for service in sorted({"troposphere", *self._services})]
        return "\n".join([*imports, "", *lines, ""])

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
        kind = type(value)
        self._services.add(kind.__module__)
        arguments = dict(value.properties)
        if isinstance(value, AWSObject):
            own = value.resource.items()
            arguments |= {key: one for key, one in own if key not in {"Type", "Properties"}}
        inside = [repr(value.title)] if value.title else []
        inside += [_argument(key, self._value(one)) for key, one in arguments.items()]
        return f"{kind.__module__}.{kind.__qualname__}({', '.join(inside)})"

    def _function(self, value: AWSHelperFn) -> str:
        kind = type(value)
        ((_, argument),) = value.data.items()
        arguments = argument if isinstance(argument, (list, tuple)) else [argument]
        return f"{kind.__module__}.{kind.__qualname__}({', '.join(map(self._value, arguments))})"


def _ascending(tags: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Parts that are in order: troposphere sorts what it is given at once."""
    parts: list[list[dict[str, Any]]] = []
    for tag in tags:
        if parts and parts[-1][-1]["Key"] < tag["Key"]:
            parts[-1].append(tag)
        else:
            parts.append([tag])
    return parts


def _argument(name: str, value: str) -> str:
    """An argument; some properties (`None`) are no names in Python."""
    return f"**{{{name!r}: {value}}}" if keyword.iskeyword(name) else f"{name}={value}"


if __name__ == "__main__":
    write_script(Path(sys.argv[1]))
