"""What a running deployment says. Views render these; nobody else does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
    """An operation on the stack began: create, update, adopt or delete."""

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
class Within:
    """What one of several environments says."""

    environment: str
    message: Message


@dataclass(frozen=True)
class EnvironmentEnded:
    """One of several environments came to its end after so many seconds."""

    environment: str
    outcomes: Mapping[str, Outcome]
    seconds: float


Message = Planning | PlanReady | Started | Progress | Note | Finished | Interrupted
# What a run over several environments says, and what any run says.
FleetMessage = Within | EnvironmentEnded | Interrupted
AnyMessage = Message | FleetMessage
