"""A template with the values of one environment, for scanners that cannot resolve templates.

It has no parameters, pseudo parameters and conditions; inputs have example values. References
between resources stay, because scanners follow them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from tapgen.errors import TapgenError
from tapgen.model.stack import Stack
from tapgen.model.templates.intrinsics import NO_VALUE, SUB_VARIABLE, Resolver, Unknown
from tapgen.render.examples import example_resolver
from tapgen.render.files import write_atomically
from tapgen.render.rendering import Rendered

_SECTIONS: Final = ("Resources", "Outputs")
_BOOLEANS: Final = {"true": True, "false": False}
_LEFT_OUT: Final = object()  # stands for AWS::NoValue


def write_resolved(rendered: Rendered, folder: Path) -> None:
    """Write `<environment>/<layer>.json` for every stack.

    Raises `TapgenError` if the folder contains other files, which a scanner would read too.
    """
    texts = {
        folder / environment / f"{stack.layer}.json": json.dumps(resolved_template(stack), indent=2)
        for environment, stacks in rendered.stacks.items()
        for stack in stacks
    }
    others = sorted({path for path in folder.rglob("*") if path.is_file()} - texts.keys())
    if others:
        raise TapgenError(
            f"{folder} contains other files, for instance {others[0]}",
            "Name a folder for these files alone.",
        )
    for path, text in texts.items():
        write_atomically(path, text + "\n")


def resolved_template(stack: Stack) -> dict[str, Any]:
    """The stack's template with resolved values, without metadata.

    Values of parameters have the type that CloudFormation would convert them to: a number if the
    parameter is one, a boolean if it allows only `true` and `false`.
    """
    document = stack.template.document
    partial = _Partial(example_resolver(stack))
    sections = {name: partial.section(document.get(name, {})) for name in _SECTIONS}
    for resource in sections["Resources"].values():
        _depend_on_the_present(resource, sections["Resources"])
    return {"AWSTemplateFormatVersion": "2010-09-09", **sections}


class ResolvedResource(NamedTuple):
    """A resource that exists in the environment, with resolved properties."""

    logical_id: str
    type: str
    properties: Mapping[str, Any]


def resolved_resources(stack: Stack) -> Iterator[ResolvedResource]:
    """Yield the resources of `resolved_template`, with properties that are resolved on access.

    For callers that need a few properties of a few types.
    """
    document = stack.template.document
    partial = _Partial(example_resolver(stack))
    for name, body in partial.present(document.get("Resources", {})):
        yield ResolvedResource(name, body["Type"], _Properties(body.get("Properties", {}), partial))


def _depend_on_the_present(resource: dict[str, Any], present: Mapping[str, Any]) -> None:
    wanted = resource.pop("DependsOn", [])
    names = [wanted] if isinstance(wanted, str) else wanted
    if kept := [name for name in names if name in present]:
        resource["DependsOn"] = kept


class _Partial:
    """Evaluates what is known before a deployment, and leaves everything else as it is."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._declared: Mapping[str, Any] = resolver.document.get("Parameters", {})

    def section(self, entries: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: self.value({k: v for k, v in body.items() if k not in {"Condition", "Metadata"}})
            for name, body in self.present(entries)
        }

    def present(self, entries: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for name, body in entries.items():
            if "Condition" not in body or self._resolver.condition(body["Condition"]):
                yield name, body

    def value(self, expression: Any) -> Any:
        if isinstance(expression, list):
            return [v for v in map(self.value, expression) if v is not _LEFT_OUT]
        if not isinstance(expression, dict):
            return expression
        if len(expression) == 1:
            ((name, argument),) = expression.items()
            if name == "Ref":
                return self._ref(argument)
            if name.startswith("Fn::"):
                return self._function(name, argument)
        pairs = ((key, self.value(item)) for key, item in expression.items())
        return {key: value for key, value in pairs if value is not _LEFT_OUT}

    def _ref(self, name: str) -> Any:
        if name == NO_VALUE:
            return _LEFT_OUT
        value = self._resolver.ref(name)
        if isinstance(value, Unknown):
            return {"Ref": name}
        declaration = self._declared.get(name, {})
        if declaration.get("Type") == "Number":
            return json.loads(value)
        if set(declaration.get("AllowedValues", ())) == _BOOLEANS.keys():
            return _BOOLEANS[value]
        return value

    def _function(self, name: str, argument: Any) -> Any:
        if name == "Fn::If":
            condition, yes, no = argument
            return self.value(yes if self._resolver.condition(condition) else no)
        value = self._resolver.value({name: argument})
        if not _holds_unknown(value):
            return value
        return {name: self._sub(argument) if name == "Fn::Sub" else self.value(argument)}

    def _sub(self, argument: Any) -> Any:
        """The text with the known variables replaced."""
        text, own = (argument, {}) if isinstance(argument, str) else argument
        values = {name: self.value(value) for name, value in own.items()}

        def replaced(match: re.Match[str]) -> str:
            literal, name = match.groups()
            known = values.get(name) if name in values else self._variable(name)
            return match[0] if literal or not isinstance(known, str) else known

        unknown = {name: value for name, value in values.items() if not isinstance(value, str)}
        text = SUB_VARIABLE.sub(replaced, text)
        return [text, unknown] if unknown else text

    def _variable(self, name: str) -> Any:
        return self._resolver.get_att(name) if "." in name else self._resolver.ref(name)


class _Properties(Mapping[str, Any]):
    """Properties of a resource, without those that are AWS::NoValue."""

    def __init__(self, declared: Mapping[str, Any], partial: _Partial) -> None:
        self._declared = declared
        self._partial = partial
        self._values: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._values:
            self._values[name] = self._partial.value(self._declared[name])
        if self._values[name] is _LEFT_OUT:
            raise KeyError(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._declared if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _holds_unknown(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_holds_unknown, value))
    if isinstance(value, dict):
        return any(map(_holds_unknown, value.values()))
    return isinstance(value, Unknown)
