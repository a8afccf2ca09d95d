"""Work in several processes, where that is safe and worth it."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from traceback import format_exc
from typing import Any, NoReturn, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

Work = Callable[[Item], Result]
Tool = Callable[[], AbstractContextManager[Work[Item, Result]]]

_work: Work[Any, Any]  # in a worker: the work that it was forked for


def processors() -> int:
    """How many processes may be forked to run at the same time; 0 where that is not safe.

    A fork keeps what was loaded and takes milliseconds, but only on Linux are the system's
    libraries safe after a fork. A new Python would load everything again, which is not worth it.
    """
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 0


def spread(work: Work[Item, Result], items: Sequence[Item], processes: int) -> list[Result]:
    """Do the work for each item, in order, with at most that many processes.

    Items and results are pickled on the way, `work` is not. This process must have no threads.
    """
    processes = min(processes, len(items))
    if processes <= 1:
        return [work(item) for item in items]
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    context = get_context("fork")
    with ProcessPoolExecutor(processes, context, _begin, (work,)) as workers:
        return list(workers.map(_do, items))


def _begin(work: Work[Any, Any]) -> None:
    global _work  # noqa: PLW0603 - set once in the worker's own memory
    _leave_interruptions()
    _work = work


def _leave_interruptions() -> None:
    """Ignore Ctrl-C: the parent handles it, and stops handing out work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _do(item: Any) -> Any:
    return _work(item)


@contextmanager
def prefork(
    tool: Tool[Item, Result], processes: int
) -> Iterator[Callable[[Sequence[Item]], list[Result]]]:
    """A function that does the work for each item, in order, with a tool that is slow to load.

    It can be called once. A worker process loads the tool and distributes the items to at most
    `processes` processes. It starts immediately if there is a processor left for the caller,
    otherwise when the function is called. If the function is never called, the worker is killed at
    the end. With 0 `processes` the caller's process does everything.
    """
    if not processes:
        yield lambda items: _done_here(tool, items)
        return
    aside = _Worker(tool, processes)
    try:
        if processes > 1:
            aside.begin()
        yield aside.results
    finally:
        aside.end()


def _done_here(tool: Tool[Item, Result], items: Sequence[Item]) -> list[Result]:
    """Without garbage collection, which takes a third of the time and finds little."""
    gc.disable()
    try:
        with tool() as work:
            return [work(item) for item in items]
    finally:
        gc.enable()


class _Worker:
    """A process that loads a tool, receives items once, and ends without cleaning up.

    It never collects garbage, which takes 0.35 seconds after `tapgen lint`. It leads a process
    group, so that it can be killed together with the processes that it forked.
    """

    def __init__(self, tool: Tool[Any, Any], processes: int) -> None:
        from multiprocessing import get_context

        context = get_context("fork")
        self._items = context.Pipe(duplex=False)
        self._results = context.Pipe(duplex=False)
        self._process = context.Process(target=self._serve, args=(tool, processes))
        self._over = False

    def begin(self) -> None:
        self._process.start()
        self._items[0].close()
        self._results[1].close()

    def results(self, items: Sequence[Any]) -> list[Any]:
        if self._process.pid is None:
            self.begin()
        with suppress(BrokenPipeError):  # it has failed, and its error is received below
            self._items[1].send(items)
        try:
            found, error = self._results[0].recv()
        except EOFError:
            self.end()
            raise RuntimeError(f"a process ended with {self._process.exitcode}") from None
        self._over = True
        if error:
            raise error
        return list(found)

    def end(self) -> None:
        """Kill it and the processes that it forked, unless it has sent results and ends itself."""
        if self._process.pid is not None:
            if not self._over:
                self._over = True
                with suppress(ProcessLookupError):  # too young to lead a group
                    os.killpg(self._process.pid, signal.SIGKILL)
                self._process.kill()
            self._process.join()

    def _serve(self, tool: Tool[Any, Any], processes: int) -> None:
        os.setpgrp()
        _leave_interruptions()
        self._items[1].close()  # so that `recv` fails if the caller is killed
        self._results[0].close()
        # So that the caller's `recv` fails if this process is killed but its children are not.
        os.register_at_fork(after_in_child=self._results[1].close)
        gc.disable()
        try:
            with tool() as work:
                self._end_with(spread(work, self._items[0].recv(), processes), None)
        except EOFError:  # the caller is gone
            return
        except Exception as error:  # noqa: BLE001 - raised again in the caller
            error.add_note(format_exc())
            self._end_with(None, error)

    def _end_with(self, results: list[Any] | None, error: Exception | None) -> NoReturn:
        """Send the results and end immediately: freeing all memory takes 50 milliseconds."""
        with suppress(BrokenPipeError):
            self._results[1].send((results, error))
        os._exit(0)
