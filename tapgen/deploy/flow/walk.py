"""Walking a graph: each node starts the moment the last node it depends on has ended well."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final, Generic, TypeVar

from tapgen.aws.cloudformation.watch import StoppedError
from tapgen.model.graph import Graph, order

Result = TypeVar("Result")
Message = TypeVar("Message")
Emit = Callable[[Message], None]
Work = Callable[[str, Emit[Message]], Result]

# How long a walk that is broken off waits for single AWS calls that are under way.
GRACE_SECONDS: Final = 15.0


@dataclass(frozen=True)
class Ended(Generic[Result]):
    """A node ended with `result`, after so many seconds."""

    name: str
    result: Result
    seconds: float


@dataclass(frozen=True)
class _Broke:
    error: BaseException


@dataclass
class _Walk(Generic[Message, Result]):
    needs: Graph
    work: Work[Message, Result]
    skip: Callable[[str, Mapping[str, Result]], Result | None]
    max_concurrency: int
    levels: int
    results: dict[str, Result] = field(default_factory=dict)
    active: dict[str, Thread] = field(default_factory=dict)
    queue: SimpleQueue[Message | Ended[Result] | _Broke] = field(default_factory=SimpleQueue)
    stopped: bool = False

    def start_ready(self, waiting: list[str]) -> Iterator[Ended[Result]]:
        """Start every node whose dependencies have ended, as far as there is room."""
        for name in list(waiting):
            if len(self.active) >= self.max_concurrency:
                return
            if not self.needs[name] <= self.results.keys():
                continue
            waiting.remove(name)
            instead = self.skip(name, self.results)
            if instead is None:
                thread = Thread(target=self._run, args=(name,), name=f"tapgen-{name}", daemon=True)
                thread.start()
                self.active[name] = thread
            else:
                self.results[name] = instead
                yield Ended(name, instead, 0.0)

    def next_item(self) -> Message | Ended[Result]:
        """Wait for the next thing a worker says; raises what a worker raised."""
        item = self.queue.get()
        if isinstance(item, _Broke):
            raise item.error
        if isinstance(item, Ended):
            del self.active[item.name]
            self.results[item.name] = item.result
        return item

    def join(self) -> None:
        """Let the workers end what they are at."""
        deadline = time.monotonic() + GRACE_SECONDS * self.levels
        for thread in self.active.values():
            thread.join(max(0.0, deadline - time.monotonic()))

    def _emit(self, message: Message) -> None:
        if self.stopped:
            raise StoppedError("the run was broken off")
        self.queue.put(message)

    def _run(self, name: str) -> None:
        started = time.monotonic()
        try:
            result = self.work(name, self._emit)
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            self.queue.put(_Broke(error))
        else:
            self.queue.put(Ended(name, result, time.monotonic() - started))


def walk(  # noqa: PLR0913 - all but the first two have names and defaults
    graph: Graph,
    work: Work[Message, Result],
    *,
    skip: Callable[[str, Mapping[str, Result]], Result | None],
    max_concurrency: int,
    levels: int = 1,
    stop: Callable[[], None] = lambda: None,
    inbox: SimpleQueue[Any] | None = None,
) -> Generator[Message | Ended[Result], None, None]:
    """Run `work` for every node in a thread of its own, at most `max_concurrency` at a time.

    Dependencies that are not nodes of `graph` count as fulfilled. Before a node starts, `skip` is
    asked with the results so far; what it gives (other than None) is the node's result instead.
    Yields what the workers emit, and an `Ended` for each node. An exception in `work` is raised
    here, at once: workers turn expected failures into results.

    When that happens, on Ctrl-C, or when the reader stops reading, no node starts any more and
    emitting raises `StoppedError` in the workers, so that a worker which emits before each thing it
    does begins nothing new. `stop` is called to wake workers that wait for something long. Where
    the workers walk themselves, there are two `levels`: they are waited for until they have waited
    for theirs. What others put into `inbox` is yielded as well.
    """
    needs = {name: wanted & graph.keys() for name, wanted in graph.items()}
    waiting = list(order(needs))
    state = _Walk(needs, work, skip, max_concurrency, levels, queue=inbox or SimpleQueue())
    try:
        while waiting or state.active:
            yield from state.start_ready(waiting)
            if state.active:
                yield state.next_item()
    finally:
        if state.active:
            state.stopped = True
            stop()
            state.join()
