"""The end of a release whose run was killed, from what AWS tells.

Each request of a run carries the number of its release, and so do all events that follow from it
(`aws.cloudformation.requests`). So a stack's events tell what became of a release, whoever has
been at work since.
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
# So far the clock of whoever began may be wrong: AWS refuses requests that are further off.
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
    """The time as records tell it: UTC, whole seconds."""
    return datetime.now(UTC).strftime(TIME)


def outcome_of(stacks: Sequence[StackEnd], *, broken_off: bool = False) -> str:
    """How a release ended as a whole."""
    if all(one.outcome in _GOOD for one in stacks):
        return SUCCEEDED
    failed = any(one.outcome == Failed.__name__ for one in stacks)
    return BROKEN_OFF if broken_off and not failed else FAILED


def end_of(target: Target, begun: Begun, caller: str) -> Ended | None:
    """How the release ended; None while AWS is still at work on it.

    Raises `TapgenError` where AWS does not tell.
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
    """The releases, those without an end completed where nobody is at work and AWS tells it.

    It is written as well, where the caller may; what is written by somebody else by then stays.
    """
    if all(release.ended for release in releases) or working(target):
        return [*releases]
    caller = target.account.caller(target.home_region)
    return [one if one.ended else complete(ledger, target, one, caller) for one in releases]


def complete(ledger: Ledger, target: Target, release: Release, caller: str) -> Release:
    """The release with its end, which is written as well; as it was where that is not known."""
    ended = None
    with suppress(TapgenError):  # AWS does not tell now, or the caller may not write
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
        # Of a stack that is gone AWS tells nothing by its name. Only what deletes leaves none.
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
    """The events of what a release did to a stack, and of its rollback, whoever began that."""
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
    """How it ended by its last event. What came after it says nothing of this release."""
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
