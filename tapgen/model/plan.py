"""The plan: the changes of each stack of an environment, as values.

Dry run, deployment and views read the same plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from tapgen.model.changes.change import Change, ChangeSet, losses
from tapgen.model.changes.rollouts import Rollout, moved, rollouts
from tapgen.model.changes.secrets import masked_parameters
from tapgen.model.layer import Source
from tapgen.model.stack import Stack


@dataclass(frozen=True)
class Adoption:
    """A retained resource that the stack takes over.

    If several properties identify it, `identifier_name` and `identifier` have their names and
    values in AWS's order, joined by "|" as in Cloud Control. `properties` are the declared ones,
    with the resource's actual values.
    """

    logical_id: str
    resource_type: str
    identifier_name: str
    identifier: str
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """A part of a resource that is taken over and is not as declared.

    `path` is that of `model.changes.differences`, below the properties; a side without the part is
    None. `replaces` is whether AWS needs a new resource for the change. `unseen` is why the
    resource could not be read; then the rest is empty.
    """

    logical_id: str
    path: str = ""
    declared: Any = None
    actual: Any = None
    replaces: bool = False
    unseen: str = ""


@dataclass(frozen=True)
class ReadValue:
    """A setting whose value is read from elsewhere, and the value."""

    setting: str
    source: Source
    value: str


@dataclass(frozen=True)
class Foreign:
    """A stack that tapgen did not create, and what it loses when the environment takes it over.

    `tags` are those that are missing or different in the declared stack; `parameters`, `outputs`
    and notification `topics` those that are missing. `role` is the service role that CloudFormation
    keeps using if the environment names none.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    role: str = ""


@dataclass(frozen=True)
class Planned:
    """A change set is ready.

    `outputs` are the present ones of the stack, `changed` the parameters that get other values.
    `foreign` is the stack as it was found, if tapgen did not create it.

    With `adoptions` the change set only takes these resources over, or creates the empty stack that
    can; the change set that does the rest is created afterwards. `differences` are those of
    resources without a stack, and `made` the logical ids that the later change set creates.
    """

    stack: Stack
    kind: str
    parameters: Mapping[str, str]
    change_set: ChangeSet
    outputs: Mapping[str, str] = field(default_factory=dict)
    adoptions: tuple[Adoption, ...] = ()
    changed: frozenset[str] = frozenset()
    foreign: Foreign | None = None
    differences: tuple[Difference, ...] = ()
    made: tuple[str, ...] = ()

    @property
    def read_values(self) -> tuple[ReadValue, ...]:
        """The values that were read from elsewhere, sorted by setting; secrets are masked."""
        told = masked_parameters(self.stack.template, self.parameters)
        settings = self.stack.template.settings
        return tuple(
            sorted(
                (
                    ReadValue(settings[name], source, told[name])
                    for name, source in self.stack.read_inputs.items()
                ),
                key=lambda read: read.setting,
            )
        )

    @cached_property
    def rollouts(self) -> tuple[Rollout, ...]:
        """The functions whose traffic is shifted to a new version in steps."""
        return moved(rollouts(self.stack, self.parameters), self.change_set.changes)

    @property
    def creates(self) -> bool:
        """True if the stack does not exist yet."""
        return self.kind == "CREATE"

    @property
    def data_losses(self) -> tuple[Change, ...]:
        """Changes that would replace or remove a resource that holds data."""
        return losses(self.change_set.changes, self.stack.template)


@dataclass(frozen=True)
class NoChange:
    """The stack already is as declared; `updated` is AWS's time of the last update, as text.

    If it is `complete`, stack policy and termination protection are known to be as declared, too.
    """

    stack: Stack
    outputs: Mapping[str, str]
    updated: str = ""
    complete: bool = False


@dataclass(frozen=True)
class Pending:
    """The stack needs values that do not exist yet, or that this plan may change."""

    stack: Stack
    needs: tuple[Source, ...]


@dataclass(frozen=True)
class FailedCreation:
    """The stack's creation failed; its remains are deleted before it is created again."""

    stack: Stack
    status: str


@dataclass(frozen=True)
class Blocked:
    """The stack is in a state from which it cannot be deployed; `refused` if a guard decided so."""

    stack: Stack
    status: str
    reason: str
    hint: str
    refused: bool = False


Entry = Planned | NoChange | Pending | FailedCreation | Blocked

# The names of entries in JSON and in plan files.
KINDS: Final[dict[type[Entry], str]] = {
    Planned: "Planned",
    NoChange: "Same",
    Pending: "Pending",
    FailedCreation: "Leftover",
    Blocked: "Blocked",
}


@dataclass(frozen=True)
class Refusal:
    """A guard's reason against the plan for a layer.

    `resource` is the logical id concerned, "" for the stack. `option` overrides the guard on the
    command line, "" if nothing does; `hint` is what else can be done.
    """

    reason: str
    hint: str = ""
    resource: str = ""
    option: str = ""


@dataclass(frozen=True)
class PlannedHook:
    """A function of the platform that is called "before" or "after" a layer, for `seconds`."""

    name: str
    when: str
    seconds: float


@dataclass(frozen=True)
class Plan:
    """One entry for each layer, in dependency order.

    `unprotects` are the layers that would lose their protection. `refusals` are by layer; "" stands
    for the whole environment. `hooks` are by layer.
    """

    environment: str
    entries: Mapping[str, Entry]
    unprotects: tuple[str, ...] = ()
    refusals: Mapping[str, tuple[Refusal, ...]] = field(default_factory=dict)
    hooks: Mapping[str, tuple[PlannedHook, ...]] = field(default_factory=dict)

    @property
    def planned(self) -> list[Planned]:
        """The entries with a change set."""
        return [entry for entry in self.entries.values() if isinstance(entry, Planned)]

    @property
    def blocked(self) -> list[Blocked]:
        """The entries that cannot be deployed."""
        return [entry for entry in self.entries.values() if isinstance(entry, Blocked)]

    @property
    def protected(self) -> bool:
        """True if the environment is protected."""
        return any(entry.stack.protected for entry in self.entries.values())

    @property
    def has_changes(self) -> bool:
        """True if anything would be done."""
        changes = (not isinstance(entry, NoChange) for entry in self.entries.values())
        return bool(self.unprotects or self.hooks) or any(changes)

    @property
    def is_complete(self) -> bool:
        """True if nothing would be done, not even apart from change sets."""
        return all(
            isinstance(entry, NoChange) and entry.complete for entry in self.entries.values()
        )
