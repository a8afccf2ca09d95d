"""What a change set would do, as values."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from tapgen.model.changes.interruptions import INTERRUPTIONS
from tapgen.model.templates.intrinsics import references
from tapgen.model.templates.stateful import STATEFUL_TYPES, regenerable
from tapgen.model.templates.template import Template

# What stands for a value that only the deployment makes known, in words.
KNOWN_AFTER_APPLY: Final = "(known after apply)"


@dataclass(frozen=True)
class PropertyChange:
    """One property or attribute of a resource that changes.

    `path` leads to the smallest part that is told, from the resource's attributes on
    ("/Properties/ProvisionedThroughput/ReadCapacityUnits"; "" where only `attribute` and `name` are
    known). `attribute` is Properties, Tags, Metadata, DeletionPolicy and the like, `name` the
    top-level property. `kind` is Add, Remove, Modify or SyncWithActual; `before` and `after` are
    texts, None where there is no value or none is told. `recreation` is Never, Conditionally,
    Always or "". `source` is CloudFormation's ChangeSource and `cause` its CausingEntity: a
    parameter, "Resource" or "Resource.Attribute".
    """

    path: str = ""
    attribute: str = "Properties"
    name: str = ""
    kind: str = "Modify"
    before: str | None = None
    after: str | None = None
    recreation: str = ""
    source: str = ""
    cause: str = ""

    @property
    def subject(self) -> tuple[str, str]:
        """What a description without values calls it by."""
        return self.attribute, self.name

    @property
    def has_values(self) -> bool:
        """Whether a value is told on either side."""
        return self.before is not None or self.after is not None


@dataclass(frozen=True)
class Change:
    """One resource of a change set.

    `action` is Add, Modify, Remove, Import, Dynamic or SyncWithActual; `replacement` is True, False
    or Conditional ("" where it does not apply); `policy_action` what becomes of the resource that
    goes (Delete, Retain, Snapshot, ReplaceAndDelete, ReplaceAndRetain, ReplaceAndSnapshot).
    """

    action: str
    logical_id: str
    resource_type: str
    replacement: str = ""
    policy_action: str = ""
    details: tuple[PropertyChange, ...] = ()
    physical_id: str = ""

    @property
    def properties(self) -> tuple[str, ...]:
        """Names of the top-level properties and attributes concerned."""
        return tuple(dict.fromkeys(detail.name or detail.attribute for detail in self.details))

    @property
    def causes(self) -> tuple[str, ...]:
        """The parameters and resources (or their attributes) that cause it."""
        return tuple(dict.fromkeys(detail.cause for detail in self.details if detail.cause))

    @property
    def replaces(self) -> bool:
        """Whether the resource may be replaced: Conditional counts, since it may turn out so.

        It does not where all that is conditional is known to be changed in place.
        """
        return self.replacement == "True" or (
            self.replacement == "Conditional" and not self._only_interrupts
        )

    @property
    def _only_interrupts(self) -> bool:
        conditional = [one for one in self.details if one.recreation not in {"", "Never"}]
        return bool(conditional) and all(
            (self.resource_type, one.name) in INTERRUPTIONS for one in conditional
        )

    @property
    def loses(self) -> bool:
        """Whether the resource as it is would be gone from the stack."""
        return self.action == "Remove" or self.replaces

    @property
    def loss(self) -> str:
        """What becomes of a resource that the change `loses`: removed or replaced."""
        return "removed" if self.action == "Remove" else "replaced"


@dataclass(frozen=True)
class ChangeSet:
    """A change set that can be executed."""

    arn: str
    stack_id: str
    changes: tuple[Change, ...]


def losses(changes: Iterable[Change], template: Template) -> tuple[Change, ...]:
    """The changes that would replace or remove a resource that holds data.

    `template` is the new one: what it no longer has counts by its type.
    """
    return tuple(
        change
        for change in changes
        if change.loses
        and change.resource_type in STATEFUL_TYPES
        and not regenerable(template.resources.get(change.logical_id, {}))
    )


def may_change(
    template: Template,
    output: str,
    changes: Iterable[Change],
    changed: AbstractSet[str] = frozenset(),
) -> bool:
    """Whether applying `changes` could give the output another value.

    True where a resource that the output mentions is added, removed or possibly replaced, a
    parameter that it mentions is one of the `changed` ones or causes any of the changes, or a
    condition that it depends on may have become another. Change sets do not list changes of outputs
    alone, so a "no" is no proof: whoever relies on it compares the values before acting.
    """
    declared = template.outputs.get(output)
    if declared is None:
        return True
    names = mentioned(template, declared)
    if names & changed:
        return True
    for change in changes:
        comes_or_goes = change.loses or change.action != "Modify"
        condition = template.resources.get(change.logical_id, {}).get("Condition")
        if comes_or_goes and {change.logical_id, condition} & names:
            return True
        if names & template.parameters.keys() & set(change.causes):
            return True
    return False


def mentioned(template: Template, expression: object) -> frozenset[str]:
    """What an expression of the template mentions itself and through conditions."""
    conditions = template.document.get("Conditions", {})
    found = references(expression)
    while True:
        more = found.union(*(references(conditions[name]) for name in found & conditions.keys()))
        if more == found:
            return found
        found = more
