"""Estimating the duration of an operation from its progress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tapgen.model.deployed.events import ResourceEvent

_DONE: Final = ("_COMPLETE", "_SKIPPED")


def projected(events: Sequence[ResourceEvent], resources: int, stack_id: str) -> float | None:
    """Seconds from the first of `events` until the operation should end.

    `resources` of the stack are changed; the stack's own end counts as one more. The times are
    AWS's, and only their differences count. None if that is not known: if nothing is done yet, and
    during a rollback.
    """
    if any(_goes_back(event) for event in events):
        return None
    ends = [event for event in events if _ends(event, stack_id)]
    times = [event.at for event in ends if event.at]
    begun = next((event.at for event in events if event.at), None)
    if begun is None or not times:
        return None
    done = len({event.logical_id for event in ends})
    gone = (max(times) - begun).total_seconds()
    return gone / done * (max(resources, done) + 1) if gone > 0 else None


def _goes_back(event: ResourceEvent) -> bool:
    return event.status.endswith("_FAILED") or "ROLLBACK" in event.status


def _ends(event: ResourceEvent, stack_id: str) -> bool:
    return event.physical_id != stack_id and event.status.endswith(_DONE)
