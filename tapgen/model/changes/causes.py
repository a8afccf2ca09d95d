"""Why a property changes, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from tapgen.model.changes.change import Change, PropertyChange
from tapgen.model.stack import Stack
from tapgen.model.templates.stateful import SNAPSHOT_TYPES

_SOURCES: Final[Mapping[str, str]] = {
    "Automatic": "the nested stack may have changed",
    "DirectModification": "the template changed",
    "NoModification": "the resource is already like that",
}


def in_words(
    stack: Stack, details: Iterable[PropertyChange], changes: Iterable[Change]
) -> tuple[str, ...]:
    """The causes of some details, each once; unnamed ones only if there are no named ones.

    CloudFormation adds an unnamed cause ("the template changed") to many properties that a
    parameter changes, which adds no information.
    """
    others = {change.logical_id: change for change in changes}
    told = tuple(details)
    named = [_named(stack, detail.cause, others) for detail in told if detail.cause]
    words = named or [_unnamed(detail) for detail in told]
    return tuple(dict.fromkeys(filter(None, words)))


def _named(stack: Stack, cause: str, changes: Mapping[str, Change]) -> str:
    if cause in stack.inputs:
        return f"{stack.inputs[cause]} changed"
    if cause in stack.template.settings:
        if cause == stack.code_parameter:
            return "the function code changed"
        if cause == stack.settled_parameter:
            return "the stack's creation is complete"
        return f"setting {stack.template.settings[cause]} changed"
    if cause in stack.template.parameters:
        return f"parameter {cause} changed"
    return f"{cause} {_fate(changes.get(cause.partition('.')[0]))}"


def _fate(change: Change | None) -> str:
    """The change of the resource that a cause names, in words."""
    if change is None:
        return "may change"
    if change.action == "Modify":
        verb = "recreated" if change.resource_type in SNAPSHOT_TYPES else "replaced"
        replaced = {"True": f"is {verb}", "Conditional": f"may be {verb}"}
        return replaced[change.replacement] if change.replaces else "changes"
    return {"Add": "is new", "Remove": "is removed", "Import": "is taken over"}.get(
        change.action, "may change"
    )


def _unnamed(detail: PropertyChange) -> str:
    if detail.source in _SOURCES:
        return _SOURCES[detail.source]
    if detail.kind == "SyncWithActual":
        return "the resource was changed outside of CloudFormation"
    return "the stack's tags changed" if detail.attribute == "Tags" else ""
