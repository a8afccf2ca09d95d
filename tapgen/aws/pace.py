"""Keeping the calls of many threads below the rate at which AWS begins to throttle."""

from __future__ import annotations

import time
from threading import Lock
from typing import Any, Final

# AWS does not publish its limits for CloudFormation: they differ by account, region and call. SAM's
# users were told 5 DescribeStacks a second (aws/aws-sam-cli issue 2671). About one call in ten of a
# deployment is DescribeStacks, so ten calls a second stay well below that.
CALLS_PER_SECOND: Final = 10.0
# Calls that may be made at once after a pause.
BURST: Final = 15


class Pace:
    """A token bucket: callers wait for their turn, in order of arrival."""

    def __init__(self, rate: float = CALLS_PER_SECOND, burst: int = BURST) -> None:
        self._pause = 1.0 / rate
        self._ahead = (burst - 1) * self._pause
        self._next = 0.0  # when the next turn would be, if nothing had been saved up
        self._lock = Lock()

    def wait(self, **_: Any) -> None:
        """Block until it is this caller's turn; the arguments are those of a botocore event."""
        with self._lock:
            now = time.monotonic()
            self._next = max(self._next, now - self._ahead) + self._pause
            pause = self._next - self._pause - now
        if pause > 0:
            time.sleep(pause)
