"""Walking a graph: each node starts as soon as the last node that it depends on has ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Event as Flag
from threading import Thread
from typing import Any, Final, Generic, TypeVar

from tapgen.aws.cloudformation.watch import StoppedError
from tapgen.deploy.flow.events import Event
from tapgen.deploy.flow.host import Host, Question
from tapgen.model.graph import Graph, order

Result = TypeVar("Result")
Work = Callable[[str, Host], Result]
Skip = Callable[[str, Mapping[str, Result]], Result | None]
Ended = Callable[[str, Result, float], None]

# How long an interrupted walk waits for single AWS calls in progress.
GRACE_SECONDS: Final = 15.0


def walk(  # noqa: PLR0913 - all but the first three have names and defaults
    graph: Graph,
    work: Work[Result],
    host: Host,
    *,
    max_concurrency: int,
    skip: Skip[Result] | None = None,
    ended: Ended[Result] | None = None,
    stop: Callable[[], None] | None = None,
    inbox: SimpleQueue[Any] | None = None,
    levels: int = 1,
) -> dict[str, Result]:
    """Run `work` for every node in its own thread, at most `max_concurrency` at a time.

    Returns the result of each node, in the order in which they ended. Dependencies that are not
    nodes of `graph` count as fulfilled. Before a node starts, `skip` is called with the results so
    far; if it returns a result, that is the node's result and `work` is not called. `ended` is
    called with each result and its duration in seconds. An exception in `work` is raised here at
    once: workers return expected failures as results.

    `work` gets its own host. Its events and questions reach `host` in this thread, as do events
    that others put into `inbox`; a `Broke` in the inbox interrupts the walk.

    When the walk is interrupted, by an exception or by Ctrl-C, no more nodes start, questions are
    answered with no, and telling an event raises `StoppedError` in the workers, so that a worker
    that reports each action first starts nothing new. `stop` is called to wake workers that wait
    for long. If the workers walk a graph themselves, there are two `levels`: `stop` interrupts
    their walks, and the time to wait for them is doubled.
    """
    needs = {name: wanted & graph.keys() for name, wanted in graph.items()}
    state = _Walk(needs, work, host, skip, ended, max_concurrency, queue=inbox or SimpleQueue())
    waiting = list(order(needs))
    try:
        while waiting or state.active:
            state.start_ready(waiting)
            if state.active:
                state.handle(state.queue.get())
    finally:
        state.break_off(stop, GRACE_SECONDS * levels)
    return state.results


@dataclass(frozen=True)
class Broke:
    """Interrupts a walk with this error, of a worker or put into `inbox`."""

    error: BaseException


@dataclass(frozen=True)
class _Done(Generic[Result]):
    name: str
    result: Result
    seconds: float


@dataclass(eq=False)
class _Asked:
    """A question on its way to the host. The worker waits for the answer; the first one counts."""

    question: Question
    agreed: bool = False
    answered: Flag = field(default_factory=Flag)

    def answer(self, *, agreed: bool) -> None:
        if not self.answered.is_set():
            self.agreed = agreed
            self.answered.set()


@dataclass
class _Walk(Generic[Result]):
    needs: Graph
    work: Work[Result]
    host: Host
    skip: Skip[Result] | None
    ended: Ended[Result] | None
    max_concurrency: int
    queue: SimpleQueue[Event | _Done[Result] | Broke | _Asked]
    results: dict[str, Result] = field(default_factory=dict)
    active: dict[str, Thread] = field(default_factory=dict)
    open: list[_Asked] = field(default_factory=list)
    stopped: bool = False

    def start_ready(self, waiting: list[str]) -> None:
        """Start every node whose dependencies have ended, up to `max_concurrency`."""
        for name in list(waiting):
            if len(self.active) >= self.max_concurrency:
                return
            if not self.needs[name] <= self.results.keys():
                continue
            waiting.remove(name)
            instead = self.skip(name, self.results) if self.skip else None
            if instead is None:
                thread = Thread(target=self._run, args=(name,), name=f"tapgen-{name}", daemon=True)
                thread.start()
                self.active[name] = thread
            else:
                self._end(name, instead, 0.0)

    def handle(self, item: Event | _Done[Result] | Broke | _Asked) -> None:
        """Handle an item of a worker in this thread; raises what a worker raised."""
        match item:
            case Broke():
                raise item.error
            case _Done():
                del self.active[item.name]
                self._end(item.name, item.result, item.seconds)
            case _Asked():
                item.answer(agreed=self.host.ask(item.question))
            case _:
                self.host.tell(item)

    def break_off(self, stop: Callable[[], None] | None, seconds: float) -> None:
        """Wait that many seconds for workers that are still active to end."""
        if not self.active:
            return
        self.stopped = True
        for asked in [*self.open]:
            asked.answer(agreed=False)
        if stop:
            stop()
        deadline = time.monotonic() + seconds
        for thread in self.active.values():
            thread.join(max(0.0, deadline - time.monotonic()))

    def tell(self, event: Event) -> None:
        """Called by workers: pass the event to the walking thread."""
        if self.stopped:
            raise StoppedError("the run was interrupted")
        self.queue.put(event)

    def ask(self, question: Question) -> bool:
        """Called by workers: let the walking thread ask, and wait for the answer."""
        asked = _Asked(question)
        self.open.append(asked)
        if self.stopped:  # checked after it was added to `open`, so that no worker waits for ever
            return False
        self.queue.put(asked)
        asked.answered.wait()
        return asked.agreed

    def _end(self, name: str, result: Result, seconds: float) -> None:
        self.results[name] = result
        if self.ended:
            self.ended(name, result, seconds)

    def _run(self, name: str) -> None:
        started = time.monotonic()
        try:
            result = self.work(name, self)
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            self.queue.put(Broke(error))
        else:
            self.queue.put(_Done(name, result, time.monotonic() - started))
