"""What happens during a run, as values. Hosts are told them; views render them."""

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
    """Everything that can be planned now is planned."""

    plan: Plan


@dataclass(frozen=True)
class Started:
    """An operation on the stack began: create, update, protect, adopt or delete."""

    layer: str
    action: str


@dataclass(frozen=True)
class Progress:
    """A resource of the stack, or the stack itself, reached a status."""

    layer: str
    event: ResourceEvent


@dataclass(frozen=True)
class Note:
    """Something worth knowing about a layer."""

    layer: str
    text: str


@dataclass(frozen=True)
class Hooked:
    """A hook "before" or "after" the layer `begins`, has `ended` or `failed`.

    `seconds` is how long it may take, or how long it took.
    """

    layer: str
    hook: str
    when: str
    state: str
    seconds: float


@dataclass(frozen=True)
class Finished:
    """The stack came to rest after so many seconds."""

    layer: str
    outcome: Outcome
    seconds: float


@dataclass(frozen=True)
class Interrupted:
    """Ctrl-C was pressed: what that means, and what pressing it again would do."""

    text: str


@dataclass(frozen=True)
class TakenOver:
    """The lock was taken over from another run that is dead; `text` says which."""

    environment: str
    text: str


@dataclass(frozen=True)
class NotRecorded:
    """The ledger has no record of this run, or not all of it; `text` says why."""

    environment: str
    text: str


@dataclass(frozen=True)
class NotNotified:
    """Whoever `deployment.notify` names was not told of this run, or not all; `text` says why."""

    environment: str
    text: str


@dataclass(frozen=True)
class Proven:
    """The environment `source` runs what would be deployed, healthy and undrifted."""

    environment: str
    source: str


@dataclass(frozen=True)
class RollsBack:
    """What is planned is to make a release of the environment again: when it began, and why.

    `notes` are what it does not bring back, and what it leaves.
    """

    environment: str
    release: int
    began: str
    reason: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlansReady:
    """All environments are planned; nothing is begun before somebody has agreed."""

    plans: Mapping[str, Plan]


@dataclass(frozen=True)
class Remark:
    """Something worth knowing about the whole operation."""

    text: str


@dataclass(frozen=True)
class DriftFound:
    """Drift was looked for: before anything is set back, and once more afterwards.

    `way_back` says how it is set back.
    """

    environment: str
    layers: tuple[LayerDrift, ...]
    way_back: str

    @property
    def is_clean(self) -> bool:
        """Whether nothing has drifted; what could not be looked at is not called undrifted."""
        return not any(layer.drifted or not layer.checked for layer in self.layers)


@dataclass(frozen=True)
class Begins:
    """Work on these layers of these environments begins: planning, deploying, destroying ..."""

    layers: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Within:
    """An event of one environment."""

    environment: str
    event: Event


@dataclass(frozen=True)
class EnvironmentEnded:
    """An environment came to its end after so many seconds."""

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
