"""The property that a failure is about, and the setting or output that filled it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tapgen.model.templates.intrinsics import references
from tapgen.model.templates.paths import at

if TYPE_CHECKING:
    from tapgen.model.stack import Stack

_PROPERTIES: Final = "/Properties/"


@dataclass(frozen=True)
class Origin:
    """A property ("ProvisionedThroughput.ReadCapacityUnits"), and the origin of its value.

    `setting` is a dotted setting, `source` an output of another layer; empty if there is none.
    """

    property: str = ""
    setting: str = ""
    source: str = ""


UNKNOWN: Final = Origin()


def origin(stack: Stack, logical_id: str, reason: str, path: str = "") -> Origin:
    """The origin of a resource's failure, if AWS's reason or path names it.

    A reason has the name of a property, or the value of a parameter.
    """
    properties = stack.template.resources.get(logical_id, {}).get("Properties", {})
    named = path.partition(_PROPERTIES)[2]
    found = [(named.replace("/", "."), at(properties, named))] if named else []
    found = found or list(_mentioned(properties, reason, ()))
    for name, expression in found:
        for parameter in sorted(references(expression)):
            if known := _filled(stack, parameter, name):
                return known
    for parameter in sorted(references(properties)):
        value = stack.parameters.get(parameter, "")
        if value and _word(value, reason) and (known := _filled(stack, parameter, "")):
            return known
    return Origin(found[0][0]) if found else UNKNOWN


def _filled(stack: Stack, parameter: str, name: str) -> Origin | None:
    if parameter in stack.inputs:
        return Origin(name, source=str(stack.inputs[parameter]))
    setting = stack.template.settings.get(parameter, "")
    return Origin(name, setting) if setting else None


def _mentioned(value: Any, reason: str, way: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Yield the nested properties that the reason names, with their dotted paths."""
    if isinstance(value, list):
        for item in value:
            yield from _mentioned(item, reason, way)
    elif isinstance(value, dict):
        for name, item in value.items():
            if _word(name, reason):
                yield ".".join((*way, name)), item
            yield from _mentioned(item, reason, (*way, name))


def _word(text: str, reason: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(text)}(?![\w-])", reason) is not None
