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

    True where a resource that the output mentions is added, removed or possibly replaced, or a
    parameter that it mentions causes any of the changes.
    """
    declared = template.outputs.get(output)
    if declared is None:
        return True
    mentioned = references(declared)
    for change in changes:
        if change.logical_id in mentioned and (change.loses or change.action != "Modify"):
            return True
        if mentioned & template.parameters.keys() & set(change.causes):
            return True
    return False
