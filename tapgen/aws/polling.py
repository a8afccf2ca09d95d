"""Polling: the further the expected end, the longer the pauses; with jitter."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil
from typing import Final, TypeVar

from tapgen.errors import TapgenError

T = TypeVar("T")

# Seconds, and shares of the elapsed time, between polls of an operation; see `poll_delays`.
_FIRST: Final = 3.0
_SOME: Final = 1.0
_SHARE: Final = 0.06
_SOON: Final = 0.25
_SHARE_SOON: Final = 0.3
_MOST: Final = 5.0
_SELDOM: Final = 10.0
_MARGIN: Final = 0.05
_ABOUT: Final = 0.05


def intervals(first: float = 0.2, most: float = 5.0, growth: float = 1.5) -> Iterator[float]:
    """Seconds to wait between polls, growing to `most`, each with up to 20 % of jitter."""
    interval = first
    while True:
        yield interval * random.uniform(0.8, 1.2)  # noqa: S311 - jitter is no secret
        interval = min(most, interval * growth)


def poll_delays(
    expected: float | None = None, projected: Callable[[], float | None] | None = None
) -> Iterator[float]:
    """Seconds to wait between polls of an operation that starts now.

    If it is `expected` to take a known time, it is polled at that time and shortly afterwards;
    before, only often enough to notice a failure. Otherwise `projected` returns, after each poll,
    the total seconds that it should take, from its progress; see `_pause_until`. If that is unknown
    too, it is polled about every second, later less often, by a share of the elapsed time, with up
    to 10 % of jitter.
    """
    begun = time.monotonic()
    if expected is None and projected is not None:
        yield _FIRST
    while True:
        gone = time.monotonic() - begun
        if expected is not None and gone < expected:
            yield min(expected - gone + _MARGIN, _SELDOM)
            continue
        end = projected() if expected is None and projected is not None else None
        if end is not None and gone < end:
            yield _pause_until(end, gone)
            continue
        shortest, share = (_SOME, _SHARE) if expected is None else (_SOON, _SHARE_SOON)
        late = gone - (expected or 0.0)
        pause = min(max(shortest, late * share), _MOST)
        yield pause * random.uniform(0.9, 1.1)  # noqa: S311 - jitter is no secret


def _pause_until(end: float, gone: float) -> float:
    """Seconds to the next poll of an operation that should end `end` seconds after its start.

    A projection may be wrong, since the last resource may take longer or shorter than all before.
    The remaining time is therefore divided evenly into pauses of at most five seconds, at most as
    long as the elapsed time, and at least as long as without a projection.
    """
    left = end - gone + _MARGIN
    pauses = ceil(left / min(_MOST, max(_SOME, gone)))
    return max(left / pauses, min(max(_SOME, gone * _SHARE), _MOST))


@dataclass
class Estimate:
    """The duration of an operation, estimated from polls that were too early or found it done.

    The next one is expected in the middle between the two, so that the estimate converges.
    """

    early: float = 0.0
    done: float | None = None

    @classmethod
    def about(cls, seconds: float) -> Estimate:
        """The duration from an earlier run, with a tolerance."""
        return cls(seconds * (1 - _ABOUT), seconds * (1 + _ABOUT))

    @property
    def expected(self) -> float | None:
        """Expected seconds; None before the first note."""
        return None if self.done is None else (self.early + self.done) / 2

    def note(self, early: float, done: float) -> None:
        """After `early` seconds it was not done yet; after `done` seconds it was."""
        if self.done is not None and self.early < done and early < self.done:  # both fit together
            early, done = max(self.early, early), min(self.done, done)
        self.early, self.done = early, done


def until(  # noqa: PLR0913 - the last three have defaults
    ask: Callable[[], T | None],
    *,
    what: str,
    seconds: float,
    pauses: Iterator[float] | None = None,
    sleep: Callable[[float], None] = time.sleep,
    hint: str = "Run the command again: it attaches to what is in progress.",
) -> T:
    """Call `ask` until it returns something other than None, at once and after each of `pauses`.

    `sleep` waits for a pause. Raises `TapgenError` with the hint after `seconds` without an answer.
    """
    deadline = time.monotonic() + seconds
    for pause in pauses or intervals():
        answer = ask()
        if answer is not None:
            return answer
        if time.monotonic() + pause > deadline:
            raise TapgenError(f"{what} did not end within {seconds:.0f} s", hint)
        sleep(pause)
    raise AssertionError  # pragma: no cover - intervals() never ends
