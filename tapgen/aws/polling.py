"""Asking again until something is so: short waits first, longer ones later, never in lockstep."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from tapgen.errors import TapgenError

T = TypeVar("T")


def intervals(first: float = 0.2, most: float = 5.0, growth: float = 1.5) -> Iterator[float]:
    """Seconds to wait between questions, growing to `most`, each with up to 20 % of jitter."""
    interval = first
    while True:
        yield interval * random.uniform(0.8, 1.2)  # noqa: S311 - jitter is no secret
        interval = min(most, interval * growth)


def until(ask: Callable[[], T | None], *, what: str, seconds: float) -> T:
    """Call `ask` until it gives something other than None.

    Raises `TapgenError` after `seconds` without an answer.
    """
    deadline = time.monotonic() + seconds
    for pause in intervals():
        answer = ask()
        if answer is not None:
            return answer
        if time.monotonic() + pause > deadline:
            raise TapgenError(
                f"{what} did not end within {seconds:.0f} s",
                "Run the command again: it attaches to what is in progress.",
            )
        time.sleep(pause)
    raise AssertionError  # pragma: no cover - intervals() never ends
