"""Watching stacks to the end of their operations, with one thread per account and region.

CloudFormation allows only a handful of Describe calls per second and account, so a thread per stack
would be throttled. The poller requests the events of each active stack in turn, soon after its
start and less often the longer it takes. If that would be many calls, because environments share
the account, one listing of all stacks shows which of them to ask about.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from threading import Condition, Event, Thread
from typing import Final

from tapgen.aws.cloudformation.api import CloudFormation
from tapgen.aws.cloudformation.stack_state import UNDER_REVIEW, StackState
from tapgen.aws.errors import UnavailableError
from tapgen.aws.polling import poll_delays
from tapgen.errors import TapgenError
from tapgen.model.deployed.events import ResourceEvent
from tapgen.model.deployed.progress import projected
from tapgen.model.deployed.stack_status import SUCCEEDED, in_progress

# Failed polls in a row before the watch gives up; each fails only after the client's retries, which
# take about a minute.
PATIENCE: Final = 5
# If at least this many stacks are due at the same time, they are listed. With one environment in an
# account that is rare, so its events are reported one by one.
MANY: Final = 9
FEW: Final = 3
# Stacks that are due within this many seconds are polled together with those that are due now.
_TOGETHER: Final = 0.3
# Seconds without a poll after each page of a listing, to leave room for other calls.
_PAGE_REST: Final = 0.2
# After a listing, the events of this many stacks in progress, and of this many that have succeeded,
# are requested.
_GLIMPSES: Final = 2

Listener = Callable[[ResourceEvent], None]
# Arguments: the seconds that an operation is expected to take, and a projection from its events.
Pauses = Callable[[float | None, Callable[[], float | None] | None], Iterator[float]]


class StillRunningError(TapgenError):
    """The operation has not ended within the time it was given."""


class StoppedError(TapgenError):
    """The run was interrupted; operations in AWS continue."""


@dataclass(eq=False)
class _Watched:
    stack_id: str
    seen: str | None
    listener: Listener
    attached: bool
    deadline: float
    pauses: Iterator[float]
    abandoned: list[str]
    events: list[ResourceEvent]
    due: float = 0.0
    asked: float = 0.0
    begun: bool = False
    ended: str = ""
    final: StackState | None = None
    error: Exception | None = None
    unanswered: int = 0
    done: Event = field(default_factory=Event)

    @property
    def name(self) -> str:
        return self.stack_id.split("/")[1] if "/" in self.stack_id else self.stack_id

    def is_over(self, state: StackState) -> bool:
        """Whether a listing shows the end of the operation, and not the state before its start.

        It does if the operation was already seen in progress, or if the stack is new: then it had
        no earlier operation.
        """
        fresh = self.seen is None and not self.attached and state.status.startswith("CREATE_")
        return (self.begun or fresh) and state.stack_id == self.stack_id

    def abandon(self, error: Exception) -> None:
        """Wake the waiting thread with this error; AWS continues unwatched."""
        self.abandoned.append(self.stack_id)
        self.error = error
        self.done.set()


@dataclass(frozen=True)
class Watched:
    """The end of an operation: the stack's state, and the operation's events, oldest first."""

    state: StackState
    events: tuple[ResourceEvent, ...]

    @property
    def begun(self) -> datetime | None:
        """The time of its first event; None if there is none."""
        return next((event.at for event in self.events), None)

    @property
    def seconds(self) -> float | None:
        """How long the operation took by AWS's clock; None if the events do not show it."""
        times = [event.at for event in self.events if event.at]
        end = (self.state.stack_id, self.state.status)
        told = any((event.physical_id, event.status) == end for event in self.events)
        return (max(times) - min(times)).total_seconds() if times and told else None


class Poller:
    """Polls the stacks of one account and region, for all watchers.

    `pauses` yields the seconds between two polls of a stack, from the expected duration of its
    operation (None if unknown) and from its progress. If at least `many` stacks are due at the same
    time, they are listed.
    """

    def __init__(
        self,
        cloudformation: CloudFormation,
        pauses: Pauses = poll_delays,
        many: int = MANY,
    ) -> None:
        self._cloudformation = cloudformation
        self._many = many
        self.pauses = pauses
        self.changed = Condition()
        self._active: list[_Watched] = []
        self._rest_until = 0.0
        self._thread: Thread | None = None

    def add(self, watched: _Watched) -> None:
        """Add a stack; the caller holds `changed`."""
        if self._thread is None:
            thread = Thread(target=self._run, name="tapgen-poller", daemon=True)
            thread.start()
            self._thread = thread
        self._active.append(watched)
        self.changed.notify()

    def remove(self, gone: Iterable[_Watched]) -> None:
        """Remove stacks; the caller holds `changed`."""
        left = set(gone)
        self._active = [watched for watched in self._active if watched not in left]
        self.changed.notify()

    def _run(self) -> None:
        try:
            self._look()
        except Exception as error:  # noqa: BLE001 - raised again in the threads that wait
            with self.changed:
                self._thread = None
                left = [watched for watched in self._active if not watched.done.is_set()]
                self._active = []
                for watched in left:
                    watched.abandon(error)

    def _look(self) -> None:
        """Poll the stacks that are due, until none is left."""
        while True:
            with self.changed:
                if not self._active:
                    self._thread = None
                    return
                active = sorted(self._active, key=lambda watched: watched.due)
                now = time.monotonic()
                wait = max(active[0].due, self._rest_until) - now
                if wait > 0:
                    self.changed.wait(wait)
                    continue
            due = [watched for watched in active if watched.due <= now + _TOGETHER]
            if len(due) >= max(self._many, 2 * self._cloudformation.listing.pages):
                self._list(active)
            else:
                self._ask(due[0])
            with self.changed:
                self.remove([watched for watched in active if watched.done.is_set()])

    def _list(self, active: list[_Watched]) -> None:
        """Poll all active stacks with one listing, then those whose operation has ended."""
        try:
            states = self._cloudformation.states({watched.name for watched in active})
        except Exception as error:  # noqa: BLE001 - raised again in the threads that wait
            for watched in active:
                self._failed(watched, error)
                self._conclude(watched)
            return
        moving: list[_Watched] = []
        over: list[_Watched] = []
        for watched in active:
            state = states[watched.name]
            if in_progress(state.status):
                watched.begun = True
                moving.append(watched)
            elif not watched.is_over(state):
                self._ask(watched)
            elif state.status in SUCCEEDED and len(over) >= _GLIMPSES:
                watched.final = state
                self._conclude(watched)
            else:
                over.append(watched)
                self._ask(watched, state)
        moving.sort(key=lambda watched: watched.asked)
        for watched in moving[:_GLIMPSES]:
            self._ask(watched)
        for watched in moving[_GLIMPSES:]:
            watched.unanswered = 0
            self._conclude(watched)
        self._rest_until = time.monotonic() + _PAGE_REST * self._cloudformation.listing.pages

    def _ask(self, watched: _Watched, state: StackState | None = None) -> None:
        """Request the events; `state` is the final state, if a listing showed it."""
        watched.asked = time.monotonic()
        try:
            watched.ended = self._deliver(watched) or watched.ended
            if watched.ended or watched.attached:
                if state is None or state.status != watched.ended:
                    state = self._cloudformation.describe(watched.stack_id)
                watched.final = None if in_progress(state.status) else state
            if watched.final and not watched.ended:
                self._deliver(watched)  # events between the two calls
            watched.unanswered = 0
        except Exception as error:  # noqa: BLE001 - raised again in the thread that waits
            self._failed(watched, error)
        self._conclude(watched)

    def _failed(self, watched: _Watched, error: Exception) -> None:
        """Give up, unless another poll may succeed."""
        watched.unanswered += 1
        if not isinstance(error, UnavailableError) or watched.unanswered == PATIENCE:
            watched.error = error
            with self.changed:
                watched.abandoned.append(watched.stack_id)

    @staticmethod
    def _conclude(watched: _Watched) -> None:
        """After a poll: wake the waiting thread, or set the time of the next poll."""
        if watched.final is None and time.monotonic() > watched.deadline:
            watched.error = watched.error or StillRunningError(
                f"{watched.stack_id} is still in progress at its deadline"
            )
        if watched.final or watched.error:
            watched.done.set()
        watched.due = time.monotonic() + next(watched.pauses)

    def _deliver(self, watched: _Watched) -> str:
        """Pass on new events; return the final status of the stack if they contain it."""
        ended = ""
        for event in self._cloudformation.events_after(watched.stack_id, watched.seen):
            watched.seen = event.event_id
            if event.status == UNDER_REVIEW:
                continue  # from before the operation started
            watched.begun = True
            watched.events.append(event)
            watched.listener(event)
            if event.physical_id == watched.stack_id:
                ended = "" if in_progress(event.status) else event.status
        return ended


class Watcher:
    """Watches the stacks of one run in a region; other runs may share the poller."""

    def __init__(self, poller: Poller) -> None:
        self._poller = poller
        self._mine: set[_Watched] = set()
        self._stopped = False
        self._abandoned: list[str] = []

    def watch(  # noqa: PLR0913 - all but the first three have names and defaults
        self,
        stack_id: str,
        seen: str | None,
        listener: Listener,
        *,
        attached: bool = False,
        seconds: float | None = None,
        expected: float | None = None,
        resources: int = 0,
    ) -> Watched:
        """Block until the operation has ended, calling `listener` with each event after `seen`.

        The end of an operation that this run started is an event. One that it is `attached` to may
        have ended before the first poll, so the stack is described as well. `expected` is the
        likely duration in seconds, `resources` the number of resources; both serve to poll at the
        right time (None and 0 if unknown).

        Raises `StillRunningError` after `seconds`, `StoppedError` after `stop`, `TapgenError` if
        AWS can no longer be reached, and the errors of `listener`.
        """
        deadline = math.inf if seconds is None else time.monotonic() + seconds
        events: list[ResourceEvent] = []
        told = partial(projected, events, resources, stack_id) if resources else None
        pauses = self._poller.pauses(expected, told)
        watched = _Watched(
            stack_id, seen, listener, attached, deadline, pauses, self._abandoned, events
        )
        if not attached:
            watched.due = time.monotonic() + next(pauses)
        with self._poller.changed:
            if self._stopped:
                watched.abandon(_stopped())
            else:
                self._poller.add(watched)
            self._mine.add(watched)
        watched.done.wait()
        with self._poller.changed:
            self._mine.remove(watched)
        if watched.final is None:
            raise watched.error or AssertionError
        return Watched(watched.final, tuple(watched.events))

    def stop(self) -> None:
        """Stop watching: every current and future `watch` raises `StoppedError`."""
        with self._poller.changed:
            self._stopped = True
            left = [watched for watched in self._mine if not watched.done.is_set()]
            self._poller.remove(left)
            for watched in left:
                watched.abandon(_stopped())

    @property
    def running(self) -> tuple[str, ...]:
        """Ids of the stacks that are being watched."""
        with self._poller.changed:
            return tuple(sorted(watched.stack_id for watched in self._mine))

    @property
    def abandoned(self) -> tuple[str, ...]:
        """Ids of the stacks that were in progress when they were no longer watched."""
        with self._poller.changed:
            return tuple(self._abandoned)


def _stopped() -> StoppedError:
    return StoppedError("the run was interrupted")
