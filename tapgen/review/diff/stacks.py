"""Comparing a stack on both sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from tapgen.model.changes.differences import ABSENT, differences
from tapgen.model.layer import OutputRef
from tapgen.model.stack import Stack
from tapgen.model.templates.intrinsics import Resolved, Unknown
from tapgen.review.diff.causes import Context, Upstream, Why
from tapgen.review.diff.effect import Effect
from tapgen.review.diff.report import LayerDiff, OutputChange, ResourceChange, StackChange
from tapgen.review.diff.resources import added, modified, removed, unprotected
from tapgen.review.diff.side import Side
from tapgen.review.diff.snapshot import Snapshot

_PLACE: Final = ("account", "region", "name")


@dataclass(frozen=True)
class Compared:
    """The differences of a stack, and both sides resolved."""

    diff: LayerDiff
    before: Resolved
    after: Resolved


def changed(
    before: Side,
    after: Side,
    upstream: Mapping[str, Upstream],
    context: Context,
) -> Compared:
    """Compare a stack that both sides have.

    `upstream` has the inputs that get another value. The replacement of a resource changes those
    that refer to it, which may replace them too. So this is repeated until no other resource is
    replaced, unless nothing is to be predicted.
    """
    old, new = before.snapshot, after.snapshot
    changed_names = _refilled(old.stack, new.stack)
    old_resolved = before.resolved()
    renewed: dict[str, Upstream] = {}
    while True:
        new_resolved = after.resolved(renewed.keys())
        why = Why(before, after, context, changed_names, {**upstream, **renewed})
        resources = tuple(_resources(old_resolved, new_resolved, why))
        found = {
            change.logical_id: Upstream(change.name, change.effect is not Effect.DEPENDS)
            for change in resources
            if change.effect.replaces
        }
        if found == renewed or context.other:
            break
        renewed = found
    if old.stack.protected and not new.stack.protected:
        resources = (unprotected(new.stack.layer, new.stack.name, why), *resources)
    outputs = tuple(_outputs(old_resolved, new_resolved, why))
    stack = tuple(_stack_changes(old, new, why))
    template_differs = old.stack.template.document != new.stack.template.document
    differs = bool(resources or outputs or stack or template_differs)
    diff = LayerDiff(
        new.stack.layer,
        "changed" if differs else "same",
        resources,
        outputs,
        stack,
        template_differs,
    )
    return Compared(diff, old_resolved, new_resolved)


def whole(kind: Literal["added", "removed"], side: Side) -> tuple[LayerDiff, Resolved]:
    """A stack that only one side has."""
    stack, resolved = side.stack, side.resolved()
    resources = tuple(
        added(stack.layer, logical_id, resource, None)
        if kind == "added"
        else removed(stack.layer, logical_id, resource, None, protected=stack.protected)
        for logical_id, resource in sorted(resolved.resources.items())
    )
    return LayerDiff(stack.layer, kind, resources), resolved


def elsewhere(diff: LayerDiff, before: Snapshot, after: Snapshot) -> LayerDiff:
    """The difference of a stack that is new because of another account, region or name."""
    moved = zip(_PLACE, before.place, after.place, strict=True)
    changes = [StackChange(what, "", old, new) for what, old, new in moved if old != new]
    return replace(diff, stack=tuple(changes))


def _resources(before: Resolved, after: Resolved, why: Why) -> Iterator[ResourceChange]:
    layer = why.after.stack.layer
    for logical_id in sorted(before.resources.keys() | after.resources.keys()):
        old, new = before.resources.get(logical_id), after.resources.get(logical_id)
        if old is None:
            yield added(layer, logical_id, after.resources[logical_id], why)
        elif new is None:
            protected = why.after.stack.protected
            yield removed(layer, logical_id, old, why, protected=protected)
        elif change := modified(layer, (logical_id, logical_id), old, new, why):
            yield change


def _outputs(before: Resolved, after: Resolved, why: Why) -> Iterator[OutputChange]:
    declared = why.after.stack.template.outputs
    for name in sorted(before.outputs.keys() | after.outputs.keys()):
        old = before.outputs.get(name, {}).get("Value", ABSENT)
        new = after.outputs.get(name, {}).get("Value", ABSENT)
        if old != new:
            mentioned = why.after.mentioned(declared.get(name, {}).get("Value"))
            origins = [why.upstream[one] for one in mentioned & why.upstream.keys()]
            certain = not origins or any(origin.certain for origin in origins)
            yield OutputChange(name, old, new, certain=certain)


def _stack_changes(before: Snapshot, after: Snapshot, why: Why) -> Iterator[StackChange]:
    one, other = before.stack, after.stack
    for name, (old, new) in _changed(one.parameters, other.parameters).items():
        if name != other.settled_parameter:  # tapgen sets it, no setting does
            yield StackChange("parameter", name, old, new, why.of_parameter(name))
    for name, (old, new) in _changed(_sources(one), _sources(other)).items():
        yield StackChange("input", name, old, new, why.of_parameter(name))
    for name, (old, new) in _changed(one.tags, other.tags).items():
        yield StackChange("tag", name, old, new)
    for part in differences(before.policy, after.policy):
        yield StackChange("policy", part.path, part.before, part.after)
    if one.protected != other.protected:
        yield StackChange("termination protection", "", one.protected, other.protected)


def _refilled(before: Stack, after: Stack) -> frozenset[str]:
    """The parameters that a setting fills with another value or output than before."""
    inputs = _changed(_sources(before), _sources(after)).keys() & after.template.settings.keys()
    return frozenset(_changed(before.parameters, after.parameters)) | inputs


def _sources(stack: Stack) -> dict[str, str]:
    return {name: str(source) for name, source in stack.inputs.items()}


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    pairs = {
        name: (before.get(name, ABSENT), after.get(name, ABSENT))
        for name in sorted(before.keys() | after.keys())
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def value_of(resolved: Resolved, source: OutputRef) -> str | Unknown:
    """The value of an output: text if files contain it, otherwise `Unknown`."""
    value = resolved.outputs.get(source.output, {}).get("Value")
    return value if isinstance(value, str | Unknown) else Unknown(str(source))
