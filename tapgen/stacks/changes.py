"""What a change set would do, as values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tapgen.stacks.resolve import references
from tapgen.stacks.stateful import STATEFUL_TYPES
from tapgen.stacks.template import Template


@dataclass(frozen=True)
class Change:
    """One resource of a change set.

    `action` is Add, Modify, Remove, Import, Dynamic or SyncWithActual; `replacement` is True, False
    or Conditional ("" where it does not apply); `properties` are the names of the top-level
    properties and attributes concerned, `causes` the parameters or resources that cause it.
    """

    action: str
    logical_id: str
    resource_type: str
    replacement: str = ""
    policy_action: str = ""
    properties: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()

    @property
    def replaces(self) -> bool:
        """Whether the resource may be replaced: Conditional counts, since it may turn out so."""
        return self.replacement in {"True", "Conditional"}

    @property
    def loses(self) -> bool:
        """Whether the resource as it is would be gone from the stack."""
        return self.action == "Remove" or self.replaces


@dataclass(frozen=True)
class ChangeSet:
    """A change set that can be executed."""

    arn: str
    stack_id: str
    changes: tuple[Change, ...]


def losses(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes that would replace or remove a resource that holds data."""
    return tuple(
        change for change in changes if change.loses and change.resource_type in STATEFUL_TYPES
    )


def may_change(template: Template, output: str, changes: Iterable[Change]) -> bool:
    """Whether applying `changes` could give the output another value.

    True where a resource that the output mentions is added, removed or possibly replaced, a
    parameter that it mentions causes any of the changes, or a condition that it depends on may have
    become another. Change sets do not list changes of outputs alone, so a "no" is no proof: whoever
    relies on it compares the values before acting.
    """
    declared = template.outputs.get(output)
    if declared is None:
        return True
    mentioned = _mentioned(template, declared)
    for change in changes:
        comes_or_goes = change.loses or change.action != "Modify"
        condition = template.resources.get(change.logical_id, {}).get("Condition")
        if comes_or_goes and {change.logical_id, condition} & mentioned:
            return True
        if mentioned & template.parameters.keys() & set(change.causes):
            return True
    return False


def _mentioned(template: Template, expression: object) -> frozenset[str]:
    """What the expression mentions itself and through conditions."""
    conditions = template.document.get("Conditions", {})
    found = references(expression)
    while True:
        more = found.union(*(references(conditions[name]) for name in found & conditions.keys()))
        if more == found:
            return found
        found = more
