"""Walking a graph: each node starts the moment the last node it depends on has ended well."""

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

# How long a walk that is broken off waits for single AWS calls that are under way.
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
    """Run `work` for every node in a thread of its own, at most `max_concurrency` at a time.

    Gives what came of each node, in the order in which they ended. Dependencies that are not nodes
    of `graph` count as fulfilled. Before a node starts, `skip` is asked with the results so far;
    what it gives (other than None) is the node's result instead. `ended` is told each result and
    the seconds that it took. An exception in `work` is raised here, at once: workers turn expected
    failures into results.

    `work` gets a host of its own to talk to. What it tells and asks reaches `host` in this thread,
    as do events that others put into `inbox`; a `Broke` in there breaks the walk off.

    When the walk is broken off, by an exception or by Ctrl-C, no node starts any more, questions
    are answered with no, and telling raises `StoppedError` in the workers, so that a worker which
    tells before each thing it does begins nothing new. `stop` is called to wake workers that wait
    for something long. Where the workers walk themselves, there are two `levels`: `stop` breaks
    their walks off, and they are waited for until they have waited for theirs.
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
    """What breaks a walk off with this error; a worker's, or somebody's who put it into `inbox`."""

    error: BaseException


@dataclass(frozen=True)
class _Done(Generic[Result]):
    name: str
    result: Result
    seconds: float


@dataclass(eq=False)
class _Asked:
    """A question on its way to the host. It waits for its answer; the first one counts."""

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
        """Start every node whose dependencies have ended, as far as there is room."""
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
        """Do what a worker wants to be done in this thread; raises what a worker raised."""
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
        """Where workers are still at work, let them end what they are at, for so many seconds."""
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
        """What workers call: hand the event over to the thread that walks."""
        if self.stopped:
            raise StoppedError("the run was interrupted")
        self.queue.put(event)

    def ask(self, question: Question) -> bool:
        """What workers call: have the thread that walks ask, and wait for the answer."""
        asked = _Asked(question)
        self.open.append(asked)
        if self.stopped:  # after it was put among the open ones, so that nobody waits for ever
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
