"""Work shared out to processes, where that is safe and pays."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_work: Callable[[Any], Any]  # in a worker: what it was forked to do


def processors() -> int:
    """How many processes may run at once; 1 where forking is not safe.

    A fork takes over what was loaded and costs milliseconds, but only Linux promises that its
    libraries bear it. Starting Python anew would load everything again, which is not worth it.
    """
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def spread(work: Callable[[Item], Result], items: Sequence[Item], processes: int) -> list[Result]:
    """Do the work for each item, in order, with at most so many processes.

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


def _begin(work: Callable[[Any], Any]) -> None:
    """Ctrl-C is the parent's business: it stops handing out work."""
    global _work  # noqa: PLW0603 - set once in the worker's own memory
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _work = work


def _do(item: Any) -> Any:
    return _work(item)
