"""Waiting for what has to happen, however slow the machine is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

# Long after it should have happened: nobody passes or fails a test by being slow.
PATIENCE_SECONDS: Final = 120.0

T = TypeVar("T")


def wait_until(so: Callable[[], T], what: object = "") -> T:
    """Ask until the answer is true, and give it; `what` is said when that never happens."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := so()):
        assert time.monotonic() < deadline, what or so
        time.sleep(0.02)
    return answer
