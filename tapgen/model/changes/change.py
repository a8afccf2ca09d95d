"""The changes in a change set, as values."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from tapgen.model.changes.interruptions import INTERRUPTIONS
from tapgen.model.templates.intrinsics import references
from tapgen.model.templates.stateful import STATEFUL_TYPES, regenerable
from tapgen.model.templates.template import Template

# Stands for a value that is known only after the deployment.
KNOWN_AFTER_APPLY: Final = "(known after apply)"


@dataclass(frozen=True)
class PropertyChange:
    """One property or attribute of a resource that changes.

    `path` is that of the smallest known part, below the resource
    ("/Properties/ProvisionedThroughput/ReadCapacityUnits"; "" if only `attribute` and `name` are
    known). `attribute` is Properties, Tags, Metadata, DeletionPolicy and the like, `name` the
    top-level property. `kind` is Add, Remove, Modify or SyncWithActual; `before` and `after` are
    texts, None if there is no value or it is not known. `recreation` is Never, Conditionally,
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
        """Its identity in a description without values."""
        return self.attribute, self.name

    @property
    def has_values(self) -> bool:
        """True if the value of either side is known."""
        return self.before is not None or self.after is not None


@dataclass(frozen=True)
class Change:
    """One resource of a change set.

    `action` is Add, Modify, Remove, Import, Dynamic or SyncWithActual; `replacement` is True, False
    or Conditional ("" if it does not apply); `policy_action` is what happens to the old resource
    (Delete, Retain, Snapshot, ReplaceAndDelete, ReplaceAndRetain, ReplaceAndSnapshot).
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
        """True if the resource is or may be replaced (Conditional).

        Conditional does not count if all its properties are known to be changed in place.
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
        """True if the stack would no longer have the present resource."""
        return self.action == "Remove" or self.replaces

    @property
    def loss(self) -> str:
        """How the change `loses` the resource: "removed" or "replaced"."""
        return "removed" if self.action == "Remove" else "replaced"


@dataclass(frozen=True)
class ChangeSet:
    """A change set that can be executed."""

    arn: str
    stack_id: str
    changes: tuple[Change, ...]


def losses(changes: Iterable[Change], template: Template) -> tuple[Change, ...]:
    """The changes that would replace or remove a resource that holds data.

    `template` is the new one; a resource that it no longer has counts by its type.
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
    """True if applying `changes` could change the value of the output.

    That is if a resource that it mentions is added, removed or possibly replaced, if a parameter
    that it mentions is one of `changed` or causes any of the changes, or if a condition that it
    depends on may have changed. Change sets do not list changes of outputs alone, so False is no
    proof: compare the values before relying on it.
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
    """The names that an expression mentions, directly and through conditions."""
    conditions = template.document.get("Conditions", {})
    found = references(expression)
    while True:
        more = found.union(*(references(conditions[name]) for name in found & conditions.keys()))
        if more == found:
            return found
        found = more
