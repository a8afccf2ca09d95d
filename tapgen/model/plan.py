"""The plan: what would be done to each stack of an environment, as values.

Dry run, deployment and views are readers of the same plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tapgen.model.changes.change import Change, ChangeSet, losses
from tapgen.model.changes.rollouts import Rollout, moved, rollouts
from tapgen.model.changes.secrets import masked_parameters
from tapgen.model.layer import Source
from tapgen.model.stack import Stack


@dataclass(frozen=True)
class Adoption:
    """A retained resource that the stack takes over: IMPORT's logical id and identifier.

    `properties` are those of its declaration with the values that the resource has.
    """

    logical_id: str
    resource_type: str
    identifier_name: str
    identifier: str
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """A part of a resource that is taken over, and has another value than is declared.

    `path` is that of `model.changes.differences`, from the properties on; a side that has no such
    part is None. `replaces` is whether AWS changes it only by a new resource. `unseen` says why
    nobody could look, and then the rest is empty.
    """

    logical_id: str
    path: str = ""
    declared: Any = None
    actual: Any = None
    replaces: bool = False
    unseen: str = ""


@dataclass(frozen=True)
class ReadValue:
    """A setting whose value is read from elsewhere, and what that gave."""

    setting: str
    source: Source
    value: str


@dataclass(frozen=True)
class Foreign:
    """A stack that somebody else has made, and what goes when it becomes the environment's own.

    `tags` are those that the declared stack has not, or otherwise; `parameters`, `outputs` and
    `topics` (that are told of its events) those it has not. `role` is the service role by which
    CloudFormation goes on where the environment names none.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    role: str = ""


@dataclass(frozen=True)
class Planned:
    """A change set is ready.

    `outputs` are those of the stack as it is now, `changed` the parameters that get other values.
    `foreign` is the stack as it was found, where it is somebody else's until now. What is adopted
    from nobody's stack has `differences`, and `made` are the logical ids of what the change set
    after it makes anew.
    With `adoptions` the change set does not make the stack what is declared: it takes them over, or
    makes the empty stack that can, and the change set that does the rest is made afterwards.
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
        """What was read from elsewhere, sorted by setting; secrets are masked."""
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

    @property
    def rollouts(self) -> tuple[Rollout, ...]:
        """The functions whose callers go over to a new version in steps."""
        return moved(rollouts(self.stack, self.parameters), self.change_set.changes)

    @property
    def creates(self) -> bool:
        """Whether there is no stack yet."""
        return self.kind == "CREATE"

    @property
    def data_losses(self) -> tuple[Change, ...]:
        """Changes that would replace or remove a resource that holds data."""
        return losses(self.change_set.changes, self.stack.template)


@dataclass(frozen=True)
class NoChange:
    """The stack already is as declared; `updated` says since when (AWS's time, as text).

    Where it is `complete`, stack policy and termination protection are known to be so, too.
    """

    stack: Stack
    outputs: Mapping[str, str]
    updated: str = ""
    complete: bool = False


@dataclass(frozen=True)
class Pending:
    """The stack takes values that do not exist yet, or that this plan may change."""

    stack: Stack
    needs: tuple[Source, ...]


@dataclass(frozen=True)
class FailedCreation:
    """The stack failed to be created; what is left of it is deleted before it is made again."""

    stack: Stack
    status: str


@dataclass(frozen=True)
class Blocked:
    """The stack is in a state that a deployment cannot go on from.

    `refused` where a guard says so.
    """

    stack: Stack
    status: str
    reason: str
    hint: str
    refused: bool = False


Entry = Planned | NoChange | Pending | FailedCreation | Blocked

# What an entry is called in JSON and in plan files.
KINDS: Final[dict[type[Entry], str]] = {
    Planned: "Planned",
    NoChange: "Same",
    Pending: "Pending",
    FailedCreation: "Leftover",
    Blocked: "Blocked",
}


@dataclass(frozen=True)
class Refusal:
    """A guard's reason not to do what is planned for a layer.

    `resource` is the logical id of what it is about, "" where it is about the stack. `option` is
    what lets it happen on the command line, "" where nothing does; `hint` what else leads out.
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

    `unprotects` are the layers that are protected now and would be no longer. `refusals` are by
    layer; "" stands for the whole environment. `hooks` are by layer.
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
        """The entries that a deployment cannot go on from."""
        return [entry for entry in self.entries.values() if isinstance(entry, Blocked)]

    @property
    def protected(self) -> bool:
        """Whether it is for a protected environment."""
        return any(entry.stack.protected for entry in self.entries.values())

    @property
    def has_changes(self) -> bool:
        """Whether anything would be done."""
        changes = (not isinstance(entry, NoChange) for entry in self.entries.values())
        return bool(self.unprotects or self.hooks) or any(changes)

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing to do at all, not even beside the change sets."""
        return all(
            isinstance(entry, NoChange) and entry.complete for entry in self.entries.values()
        )
