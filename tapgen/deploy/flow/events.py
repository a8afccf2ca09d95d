"""Events of a run, as values. Hosts receive them; views render them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tapgen.model.deployed.drift import LayerDrift
from tapgen.model.deployed.events import Outcome, ResourceEvent
from tapgen.model.plan import Plan


@dataclass(frozen=True)
class Planning:
    """The stack is being compared with AWS."""

    layer: str


@dataclass(frozen=True)
class PlanReady:
    """The plan of an environment is complete, except for pending stacks."""

    plan: Plan


@dataclass(frozen=True)
class Started:
    """An operation on the stack started: create, update, protect, adopt or delete."""

    layer: str
    action: str


@dataclass(frozen=True)
class Progress:
    """A resource of the stack, or the stack itself, reached a status."""

    layer: str
    event: ResourceEvent


@dataclass(frozen=True)
class Note:
    """A note about a layer."""

    layer: str
    text: str


@dataclass(frozen=True)
class Hooked:
    """A hook "before" or "after" the layer `begins`, has `ended` or `failed`.

    `seconds` is its time limit when it begins, and its duration afterwards.
    """

    layer: str
    hook: str
    when: str
    state: str
    seconds: float


@dataclass(frozen=True)
class Finished:
    """The work on the stack has ended after that many seconds."""

    layer: str
    outcome: Outcome
    seconds: float


@dataclass(frozen=True)
class Interrupted:
    """Ctrl-C was pressed; `text` says what happens now, and what pressing it again would do."""

    text: str


@dataclass(frozen=True)
class TakenOver:
    """The lock was taken over from a dead run; `text` says from which."""

    environment: str
    text: str


@dataclass(frozen=True)
class NotRecorded:
    """The ledger has no record, or no complete one, of this run; `text` says why."""

    environment: str
    text: str


@dataclass(frozen=True)
class NotNotified:
    """Notifications of this run could not be sent to `deployment.notify`; `text` says why."""

    environment: str
    text: str


@dataclass(frozen=True)
class Proven:
    """The environment `source` runs what is to be deployed, healthy and without drift."""

    environment: str
    source: str


@dataclass(frozen=True)
class RollsBack:
    """The plan is to roll back to a release: when that began, and for what reason.

    `notes` list what the rollback does not restore, and what it leaves as it is.
    """

    environment: str
    release: int
    began: str
    reason: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlansReady:
    """All environments are planned; nothing starts before the host has agreed."""

    plans: Mapping[str, Plan]


@dataclass(frozen=True)
class Remark:
    """A note about the whole operation."""

    text: str


@dataclass(frozen=True)
class DriftFound:
    """The result of drift detection: before drift is reverted, and again afterwards.

    `way_back` says how to revert it.
    """

    environment: str
    layers: tuple[LayerDrift, ...]
    way_back: str

    @property
    def is_clean(self) -> bool:
        """Whether nothing has drifted and every layer could be checked."""
        return not any(layer.drifted or not layer.checked for layer in self.layers)


@dataclass(frozen=True)
class Begins:
    """Work on these layers of these environments starts: planning, deploying, destroying ..."""

    layers: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Within:
    """An event of one environment."""

    environment: str
    event: Event


@dataclass(frozen=True)
class EnvironmentEnded:
    """The work on an environment has ended after that many seconds."""

    environment: str
    outcomes: Mapping[str, Outcome]
    seconds: float


Event = (
    Planning
    | PlanReady
    | Started
    | Progress
    | Note
    | Hooked
    | Finished
    | Interrupted
    | TakenOver
    | NotRecorded
    | NotNotified
    | Proven
    | RollsBack
    | PlansReady
    | DriftFound
    | Remark
    | Begins
    | Within
    | EnvironmentEnded
)
