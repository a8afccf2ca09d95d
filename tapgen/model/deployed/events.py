"""Events of stacks as values: resource events, root causes and outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tapgen.model.deployed.origins import UNKNOWN, Origin

# CloudFormation's own reasons for resources that failed only because another one did.
_CONSEQUENCES = (
    "Resource creation cancelled",
    "Resource update cancelled",
    "Resource deletion cancelled",
    "The following resource",
)


@dataclass(frozen=True)
class ResourceEvent:
    """One stack event: a resource (or the stack itself) reached a status.

    In addition to CloudFormation's statuses there are VALIDATION_FAILED and HOOK_FAILED. `path` is
    the place in the template to which a validation objects ("/Resources/Table/Properties/X").
    `token` is that of the request that caused the event.
    """

    event_id: str
    logical_id: str
    physical_id: str
    resource_type: str
    status: str
    reason: str = ""
    at: datetime | None = None
    path: str = ""
    token: str = ""

    @property
    def is_failure(self) -> bool:
        """True for a failure that is not the consequence of another."""
        return self.status.endswith("_FAILED") and not self.reason.startswith(_CONSEQUENCES)


@dataclass(frozen=True)
class RootCause:
    """The first failure of an operation: the resource, and AWS's reason."""

    layer: str
    logical_id: str
    resource_type: str
    reason: str
    path: str = ""
    origin: Origin = UNKNOWN

    def __str__(self) -> str:
        kind = f" ({self.resource_type})" if self.resource_type else ""
        return f"{self.layer}.{self.logical_id}{kind}: {self.reason}"


def root_cause(layer: str, stack_id: str, events: Sequence[ResourceEvent]) -> RootCause | None:
    """The first failed resource of `events`, which are in the order of time.

    The stack's own failure counts only if no resource failed.
    """
    failures = [event for event in events if event.is_failure]
    resources = [event for event in failures if event.physical_id != stack_id]
    for event in resources or failures:
        return RootCause(layer, event.logical_id, event.resource_type, event.reason, event.path)
    return None


def rollback_cause(layer: str, stack_id: str, events: Sequence[ResourceEvent]) -> RootCause | None:
    """The first resource that could not be rolled back; None if the rollback succeeded."""
    starts = [place for place, event in enumerate(events) if _starts_rollback(event, stack_id)]
    return root_cause(layer, stack_id, events[starts[-1] :]) if starts else None


def _starts_rollback(event: ResourceEvent, stack_id: str) -> bool:
    return event.physical_id == stack_id and event.status.endswith("ROLLBACK_IN_PROGRESS")


def left_outside(stack_id: str, events: Sequence[ResourceEvent]) -> tuple[ResourceEvent, ...]:
    """Resources that the operation had created and that its rollback did not delete."""
    starts = [place for place, event in enumerate(events) if _starts_rollback(event, stack_id)]
    last = {event.logical_id: event for event in events[starts[-1] :]} if starts else {}
    return tuple(e for e in last.values() if e.status in {"DELETE_FAILED", "DELETE_SKIPPED"})


@dataclass(frozen=True)
class Unchanged:
    """The stack already is as declared."""

    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Created:
    """The stack was created; `adopted` names the retained resources that it took over."""

    outputs: Mapping[str, str] = field(default_factory=dict)
    adopted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Updated:
    """The stack was updated; `adopted` names the retained resources that it took over."""

    outputs: Mapping[str, str] = field(default_factory=dict)
    adopted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deleted:
    """The stack was deleted. Resources that it left behind are (type, physical id).

    - `retained`: they exist, and `--purge-data` deletes them.
    - `purged`: they were deleted permanently.
    - `by_hand`: they exist, and no later run finds them again.
    """

    retained: tuple[tuple[str, str], ...] = ()
    purged: tuple[tuple[str, str], ...] = ()
    by_hand: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class RolledBack:
    """The stack is as it was before the operation; `skipped` names resources that were skipped."""

    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failed:
    """The operation failed; CloudFormation's rollback, if any, has ended."""

    reason: str
    status: str = ""
    root_cause: RootCause | None = None
    hint: str = ""
    refused: bool = False


@dataclass(frozen=True)
class Skipped:
    """Nothing was tried, because another stack failed or the run was stopped."""

    because: str


Outcome = Unchanged | Created | Updated | Deleted | RolledBack | Failed | Skipped


def succeeded(outcome: Outcome) -> bool:
    """True if stacks that depend on this one may continue."""
    return not isinstance(outcome, Failed | Skipped)
