"""Asking again until something is so: as seldom as the end is far, never in lockstep."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil
from typing import Final, TypeVar

from tapgen.errors import TapgenError

T = TypeVar("T")

# Seconds, and shares of the time gone by, between looks at what takes its time; see `intervals`.
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
    """Seconds to wait between questions, growing to `most`, each with up to 20 % of jitter."""
    interval = first
    while True:
        yield interval * random.uniform(0.8, 1.2)  # noqa: S311 - jitter is no secret
        interval = min(most, interval * growth)


def poll_delays(
    expected: float | None = None, projected: Callable[[], float | None] | None = None
) -> Iterator[float]:
    """Seconds to wait between looks at something that takes its time, from now on.

    What took `expected` seconds the last time is looked at then, and shortly after again; before,
    only often enough to see that it failed. Otherwise `projected` tells after each look how many
    seconds it should take in all by what is done; see `_pause_until`. Where that cannot tell
    either, it is looked at about every second, later less often, by a share of what has gone by.
    Up to 10 % of jitter where no time is known.
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
    """Seconds to the next look at what should be done `end` seconds after its beginning.

    A projection may be wrong, as the last resource may take longer or shorter than all before. So
    the time that is left is divided evenly into pauses of at most five seconds, at most as long as
    what has gone by, and at least as long as they would be if nothing were projected.
    """
    left = end - gone + _MARGIN
    pauses = ceil(left / min(_MOST, max(_SOME, gone)))
    return max(left / pauses, min(max(_SOME, gone * _SHARE), _MOST))


@dataclass
class Estimate:
    """How long something took lately, by looks that came too early and looks that found it done.

    The next is expected in the middle between the two, so that the looks close in on the time.
    """

    early: float = 0.0
    done: float | None = None

    @classmethod
    def about(cls, seconds: float) -> Estimate:
        """What an earlier run found; by now it may be a little less or more."""
        return cls(seconds * (1 - _ABOUT), seconds * (1 + _ABOUT))

    @property
    def expected(self) -> float | None:
        """Seconds, None before the first."""
        return None if self.done is None else (self.early + self.done) / 2

    def note(self, early: float, done: float) -> None:
        """Looking after `early` seconds was too early, after `done` seconds it was done."""
        if self.done is not None and self.early < done and early < self.done:  # both may be true
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
    """Call `ask` until it gives something other than None, at once and after each of `pauses`.

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
