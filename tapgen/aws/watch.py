"""Watching stacks until they come to rest: one thread asks for all stacks of an account and region.

CloudFormation allows only a handful of Describe calls a second and account, so a thread per stack
would throttle itself. The watcher asks for the events of each active stack in turn, soon after it
started and less often the longer it takes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Condition, Event, Thread
from typing import Final

from tapgen.aws.cloudformation import CloudFormation
from tapgen.aws.errors import UnavailableError
from tapgen.aws.polling import looks
from tapgen.aws.stack_state import UNDER_REVIEW, StackState
from tapgen.errors import TapgenError
from tapgen.stacks.events import ResourceEvent
from tapgen.stacks.status import in_progress

# Looking on is worth patience: a question that stays unanswered after the retries of the client,
# which take about a minute, is asked this often.
PATIENCE: Final = 5

Listener = Callable[[ResourceEvent], None]


class StillRunningError(TapgenError):
    """The operation has not ended within the time it was given."""


class StoppedError(TapgenError):
    """The run was broken off; what AWS has begun goes on there."""


@dataclass(eq=False)
class _Watched:
    stack_id: str
    seen: str | None
    listener: Listener
    attached: bool
    deadline: float
    pauses: Iterator[float]
    events: list[ResourceEvent] = field(default_factory=list)
    due: float = 0.0
    ended: bool = False
    final: StackState | None = None
    error: Exception | None = None
    unanswered: int = 0
    done: Event = field(default_factory=Event)


@dataclass(frozen=True)
class Watched:
    """How an operation ended: the stack at rest, and the operation's events, oldest first."""

    state: StackState
    events: tuple[ResourceEvent, ...]

    @property
    def seconds(self) -> float | None:
        """How long the operation took by AWS's clock; None where the events do not tell."""
        times = [event.at for event in self.events if event.at]
        return (max(times) - min(times)).total_seconds() if times else None


class Watcher:
    """One poller for one account and region.

    `pauses` gives the seconds between two questions about a stack, from how many seconds its
    operation is expected to take (None where nobody knows).
    """

    def __init__(
        self,
        cloudformation: CloudFormation,
        pauses: Callable[[float | None], Iterator[float]] = looks,
    ) -> None:
        self._cloudformation = cloudformation
        self._pauses = pauses
        self._active: list[_Watched] = []
        self._stopped = False
        self._abandoned: list[str] = []
        self._changed = Condition()
        self._thread: Thread | None = None

    def watch(  # noqa: PLR0913 - all but the first three have names and defaults
        self,
        stack_id: str,
        seen: str | None,
        listener: Listener,
        *,
        attached: bool = False,
        seconds: float | None = None,
        expected: float | None = None,
    ) -> Watched:
        """Block until the stack is at rest, calling `listener` with each event after `seen`.

        An operation that this run began announces its end by an event. One that it is `attached` to
        may have ended before the first look, so there the stack is described as well. `expected` is
        how many seconds it is likely to take.

        Raises `StillRunningError` after `seconds`, `StoppedError` after `stop`, `TapgenError` when
        AWS can no longer be asked, and what `listener` raises.
        """
        deadline = math.inf if seconds is None else time.monotonic() + seconds
        pauses = self._pauses(expected)
        watched = _Watched(stack_id, seen, listener, attached, deadline, pauses)
        if not attached:
            watched.due = time.monotonic() + next(pauses)
        with self._changed:
            self._add(watched)
        watched.done.wait()
        if watched.final is None:
            raise watched.error or AssertionError
        return Watched(watched.final, tuple(watched.events))

    def stop(self) -> None:
        """Watch nothing any more: every `watch` raises `StoppedError`, also those to come."""
        with self._changed:
            self._stopped = True
            for watched in self._active:
                self._abandon(watched)
            self._active.clear()
            self._changed.notify()

    @property
    def running(self) -> tuple[str, ...]:
        """Ids of the stacks that are being watched."""
        with self._changed:
            return tuple(watched.stack_id for watched in self._active)

    @property
    def abandoned(self) -> tuple[str, ...]:
        """Ids of the stacks that were in progress when they were no longer watched."""
        with self._changed:
            return tuple(self._abandoned)

    def _add(self, watched: _Watched) -> None:
        if self._stopped:
            self._abandon(watched)
            return
        self._active.append(watched)
        if self._thread is None:
            self._thread = Thread(target=self._run, name="tapgen-watcher", daemon=True)
            self._thread.start()
        self._changed.notify()

    def _abandon(self, watched: _Watched) -> None:
        self._abandoned.append(watched.stack_id)
        watched.error = StoppedError("the run was broken off")
        watched.done.set()

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._active:
                    self._thread = None
                    return
                due = min(self._active, key=lambda watched: watched.due)
                wait = due.due - time.monotonic()
                if wait > 0:
                    self._changed.wait(wait)
                    continue
            self._ask(due)
            with self._changed:
                if due.done.is_set() and due in self._active:
                    self._active.remove(due)

    def _ask(self, watched: _Watched) -> None:
        try:
            watched.ended = self._deliver(watched) or watched.ended
            if watched.ended or watched.attached:
                state = self._cloudformation.describe(watched.stack_id)
                watched.final = None if in_progress(state.status) else state
            if watched.final and not watched.ended:
                self._deliver(watched)  # what happened between the two questions
            watched.unanswered = 0
        except UnavailableError as error:
            watched.unanswered += 1
            if watched.unanswered == PATIENCE:
                self._give_up(watched, error)
        except Exception as error:  # noqa: BLE001 - raised again in the thread that waits
            self._give_up(watched, error)
        if watched.final is None and time.monotonic() > watched.deadline:
            watched.error = watched.error or StillRunningError(
                f"{watched.stack_id} is still in progress at its deadline"
            )
        if watched.final or watched.error:
            watched.done.set()
        watched.due = time.monotonic() + next(watched.pauses)

    def _give_up(self, watched: _Watched, error: Exception) -> None:
        watched.error = error
        with self._changed:
            self._abandoned.append(watched.stack_id)

    def _deliver(self, watched: _Watched) -> bool:
        """Hand over new events; whether the stack itself has reached a status at rest."""
        ended = False
        for event in self._cloudformation.events_after(watched.stack_id, watched.seen):
            watched.seen = event.event_id
            if event.status == UNDER_REVIEW:
                continue  # before anything was begun
            watched.events.append(event)
            watched.listener(event)
            if event.physical_id == watched.stack_id:
                ended = not in_progress(event.status)
        return ended
