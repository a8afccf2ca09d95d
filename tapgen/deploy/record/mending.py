"""The end of a release whose run was killed, reconstructed from AWS.

Each request of a run carries the number of its release, and so do the events that it causes
(`aws.cloudformation.requests`). A stack's events therefore show the outcome of a release, whoever
has changed the stack since.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from tapgen.aws.cloudformation.reading import BEGINNINGS
from tapgen.aws.cloudformation.requests import release_of
from tapgen.aws.cloudformation.stack_state import UNDER_REVIEW, StackState
from tapgen.deploy.record.ledger import Ledger
from tapgen.deploy.target.lock import working
from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError
from tapgen.model.deployed.events import (
    Created,
    Deleted,
    Failed,
    ResourceEvent,
    RolledBack,
    Skipped,
    Unchanged,
    Updated,
    root_cause,
)
from tapgen.model.deployed.stack_status import ABSENT, in_progress
from tapgen.model.plan import KINDS, NoChange
from tapgen.model.release import (
    BROKEN_OFF,
    FAILED,
    SUCCEEDED,
    TIME,
    Begun,
    Ended,
    Release,
    StackEnd,
)

NOT_BEGUN: Final = "the run was interrupted before it came to it"
# The largest error of the clock that wrote the beginning: AWS rejects requests further off.
_CLOCK: Final = timedelta(minutes=15)
_OUTCOMES: Final = {
    "CREATE_COMPLETE": Created.__name__,
    "IMPORT_COMPLETE": Created.__name__,
    "UPDATE_COMPLETE": Updated.__name__,
    "DELETE_COMPLETE": Deleted.__name__,
    "UPDATE_ROLLBACK_COMPLETE": RolledBack.__name__,
}
_GOOD: Final = {kind.__name__ for kind in (Created, Updated, Unchanged, Deleted, RolledBack)}


def now() -> str:
    """The current time in the format of records: UTC, whole seconds."""
    return datetime.now(UTC).strftime(TIME)


def outcome_of(stacks: Sequence[StackEnd], *, broken_off: bool = False) -> str:
    """The outcome of a release as a whole."""
    if all(one.outcome in _GOOD for one in stacks):
        return SUCCEEDED
    failed = any(one.outcome == Failed.__name__ for one in stacks)
    return BROKEN_OFF if broken_off and not failed else FAILED


def end_of(target: Target, begun: Begun, caller: str) -> Ended | None:
    """The end of the release; None while AWS is still working on it.

    Raises `TapgenError` if AWS does not answer.
    """
    layers = [layer for layer in begun.stacks if layer in target.stacks]
    states = target.states(layers)
    stacks: dict[str, StackEnd] = {}
    for layer in begun.stacks:
        found = _stack_end(target, begun, layer, states.get(layer))
        if found is None:
            return None
        stacks[layer] = found
    outcome = outcome_of([*stacks.values()], broken_off=True)
    return Ended(begun.release, now(), outcome, stacks, completed_by=caller)


def completed(ledger: Ledger, target: Target, releases: Sequence[Release]) -> list[Release]:
    """The releases. Those without an end are completed if no run is at work and AWS shows the end.

    Ends are also written to the ledger, if the caller may; an end that is already written stays.
    """
    if all(release.ended for release in releases) or working(target):
        return [*releases]
    caller = target.account.caller(target.home_region)
    return [one if one.ended else complete(ledger, target, one, caller) for one in releases]


def complete(ledger: Ledger, target: Target, release: Release, caller: str) -> Release:
    """The release with its end, which is also written; unchanged if the end is not known."""
    ended = None
    with suppress(TapgenError):  # AWS does not answer, or the caller may not write
        ended = end_of(target, release.begun, caller)
        if ended:
            ledger.end(ended)
    return replace(release, ended=ended)


def _stack_end(
    target: Target, begun: Begun, layer: str, state: StackState | None
) -> StackEnd | None:
    told = begun.stacks[layer]
    skipped = StackEnd(Skipped.__name__, reason=NOT_BEGUN)
    if told.get("kind") == KINDS[NoChange]:
        return StackEnd(Unchanged.__name__, updated=told.get("updated", ""))
    if state is None or state.status in {ABSENT, UNDER_REVIEW}:
        # AWS returns nothing about a deleted stack by name. Only these commands leave none.
        gone = begun.command in {"destroy", "recover", "cancel"}
        return StackEnd(Deleted.__name__) if gone else skipped
    since = datetime.strptime(begun.began, TIME).replace(tzinfo=UTC) - _CLOCK
    events = target.cloudformation(target.stacks[layer]).events_since(state.stack_id, since)
    own = operation_of(events, state.stack_id, begun.release)
    stack_events = [event for event in own if event.physical_id == state.stack_id]
    if not stack_events:
        return skipped
    if in_progress(stack_events[-1].status):
        return None
    return _told(
        layer, own, stack_events[-1], state, reverts=begun.command in {"recover", "cancel"}
    )


def operation_of(
    events: Sequence[ResourceEvent], stack_id: str, release: int
) -> Sequence[ResourceEvent]:
    """The events of a release's operation on a stack, and of its rollback, whoever started it."""
    own = [place for place, event in enumerate(events) if release_of(event.token) == release]
    if not own:
        return ()
    after = (
        place
        for place, event in enumerate(events)
        if place > own[-1] and event.status in BEGINNINGS and event.physical_id == stack_id
    )
    return events[own[0] : next(after, len(events))]


def _told(
    layer: str,
    events: Sequence[ResourceEvent],
    last: ResourceEvent,
    state: StackState,
    *,
    reverts: bool,
) -> StackEnd:
    """The end of the stack by the last event of this release; later events do not matter."""
    outcome = _OUTCOMES.get(last.status, Failed.__name__)
    if outcome == RolledBack.__name__ and not reverts:
        outcome = Failed.__name__
    times = [event.at for event in events if event.at]
    seconds = round((max(times) - min(times)).total_seconds(), 1) if times else None
    cause = root_cause(layer, state.stack_id, events) if outcome == Failed.__name__ else None
    return StackEnd(
        outcome,
        seconds,
        str(cause or "") if outcome == Failed.__name__ else "",
        last.status if outcome == Failed.__name__ else "",
        updated=state.updated if state.status == last.status else "",
    )
