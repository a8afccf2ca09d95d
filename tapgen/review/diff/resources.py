"""Comparing single resources, and the effects of their changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tapgen.model.changes.differences import ABSENT, ValueDifference, differences
from tapgen.model.platform import ALLOW_UNPROTECT
from tapgen.model.templates.stateful import DELETION_PROTECTION, PROTECTED, holds_data
from tapgen.review.diff.causes import Why
from tapgen.review.diff.effect import Effect, worst
from tapgen.review.diff.matching import name_in_the_way
from tapgen.review.diff.report import Cause, PropertyChange, ResourceChange
from tapgen.review.diff.requirements import Requirement, is_set, requirement

Resource = Mapping[str, Any]

# Attributes that affect the resource. DependsOn and Metadata do not.
_ATTRIBUTES: Final = ("CreationPolicy", "DeletionPolicy", "UpdatePolicy", "UpdateReplacePolicy")
_KEEPS: Final = ("Retain", "Snapshot")
# The type of the stack itself in CloudFormation's events.
_STACK: Final = "AWS::CloudFormation::Stack"
_TERMINATION: Final = "EnableTerminationProtection"
_SETTING: Final = "protection"
_LOSSES: Final = (Effect.DATA_LOSS, Effect.REPLACEMENT)


def added(layer: str, logical_id: str, resource: Resource, why: Why | None) -> ResourceChange:
    """A resource that only the new side has; `why` is None if its whole stack is new."""
    causes = why.of_presence(logical_id) if why else ()
    return ResourceChange(
        layer, logical_id, resource["Type"], "add", Effect.ADDITION, causes=causes
    )


def removed(
    layer: str, logical_id: str, resource: Resource, why: Why | None, *, protected: bool
) -> ResourceChange:
    """A resource that only the old side has."""
    loses = holds_data(resource)
    if str(resource.get("DeletionPolicy", "")).startswith(_KEEPS):
        effect = Effect.RETAINED
    else:
        effect = Effect.REMOVAL_DATA_LOSS if loses else Effect.REMOVAL
    causes = why.of_presence(logical_id) if why else ()
    return ResourceChange(
        layer,
        logical_id,
        resource["Type"],
        "remove",
        effect,
        causes=causes,
        refused=protected and loses,
    )


def modified(
    layer: str, ids: tuple[str, str], before: Resource, after: Resource, why: Why
) -> ResourceChange | None:
    """A resource that both sides have, with its logical id on each; None if it is the same."""
    properties = tuple(_properties(ids, before, after, why))
    if not properties:
        return None
    effect = worst([change.effect for change in properties])
    return ResourceChange(
        layer=layer,
        logical_id=ids[1],
        resource_type=after["Type"],
        action="modify",
        effect=effect,
        properties=properties,
        causes=tuple(dict.fromkeys(cause for change in properties for cause in change.causes)),
        notes=tuple(_notes(effect, before, after)),
        refused=(
            (why.after.stack.protected and effect.loses and any(map(holds_data, (before, after))))
            or effect is Effect.UNPROTECTED
        ),
    )


def _properties(
    ids: tuple[str, str], before: Resource, after: Resource, why: Why
) -> Iterator[PropertyChange]:
    if before["Type"] != after["Type"]:
        effect = _of_data(before, Effect.REPLACEMENT)
        line = why.line(why.after.stack.template, ["Resources", ids[1], "Type"])
        yield PropertyChange("Type", before["Type"], after["Type"], effect, (line,))
        return
    old, new = before.get("Properties", {}), after.get("Properties", {})
    kind = after["Type"]
    for difference in differences(old, new, is_set=lambda path: is_set(kind, path)):
        if _text(difference.before) == _text(difference.after):
            continue
        causes = why.of_property(*ids, difference)
        found = requirement(kind, difference.path, old, new)
        yield PropertyChange(
            difference.path,
            difference.before,
            difference.after,
            _effect(before, found, causes, difference),
            causes,
            found.reason,
        )
    for name in _ATTRIBUTES:
        value, other = before.get(name, ABSENT), after.get(name, ABSENT)
        if value != other:
            line = why.line(why.after.stack.template, ["Resources", ids[1], name])
            yield PropertyChange(name, value, other, Effect.IN_PLACE, (line,))


def unprotected(layer: str, name: str, why: Why) -> ResourceChange:
    """The stack `name`, whose termination protection and stack policy are switched off."""
    cause = Cause("setting", _SETTING, why.context.settings.get(_SETTING))
    found = PropertyChange(_TERMINATION, True, False, Effect.UNPROTECTED, (cause,))
    return ResourceChange(
        layer,
        name,
        _STACK,
        "modify",
        Effect.UNPROTECTED,
        (found,),
        (cause,),
        (f"a deployment needs {ALLOW_UNPROTECT}",),
        refused=True,
    )


def _effect(
    resource: Resource, found: Requirement, causes: tuple[Cause, ...], what: ValueDifference
) -> Effect:
    """The effect; a replacement whose only cause is a possible one upstream is only possible."""
    if (
        what.path in DELETION_PROTECTION
        and what.before in PROTECTED
        and what.after not in PROTECTED
    ):
        return Effect.UNPROTECTED
    if found.effect is Effect.REPLACEMENT and not any(cause.certain for cause in causes):
        return Effect.DEPENDS
    return _of_data(resource, found.effect)


def _of_data(resource: Resource, effect: Effect) -> Effect:
    """The effect, which is data loss if a resource with data is replaced."""
    if effect is Effect.REPLACEMENT and holds_data(resource):
        return Effect.DATA_LOSS
    return effect


def _notes(effect: Effect, before: Resource, after: Resource) -> Iterator[str]:
    if before["Type"] != after["Type"]:
        yield "CloudFormation refuses to change the type of a logical id: choose a new id"
        return
    if effect not in _LOSSES:
        return
    if effect is Effect.DATA_LOSS:
        policy = before.get("UpdateReplacePolicy", "Delete")
        fate = (
            f"the old one is kept outside of the stack (UpdateReplacePolicy: {policy})"
            if policy.startswith(_KEEPS)
            else "the old one is deleted with its data"
        )
        yield f"the new one starts empty; {fate}"
    name = name_in_the_way(after)
    if name and name == name_in_the_way(before):
        yield (
            f"the update would fail: the old one still has the name {name} when the new one is "
            "created. Change the name too"
        )


def _text(value: Any) -> Any:
    """Scalars as CloudFormation compares them: 25 is "25", true is "true"."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value
