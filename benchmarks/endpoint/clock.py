"""Durations at the endpoint, in seconds, and its limits on the rate of calls."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

# The simulated times for benchmarks of tapgen and its peers. Similar layers have the same time.
LAYER_SECONDS: Final[Mapping[str, float]] = {
    "network": 15.0,
    "data": 8.0,
    "storage": 5.0,
    "identity": 5.0,
    "compute": 10.0,
    "api": 6.0,
    "zone": 5.0,
    "certificate": 9.0,
    "cdn": 20.0,
    "dns": 5.0,
    "observability": 5.0,
}

# The services that tapgen calls often and that allow only a few calls per second.
SLOW: Final = frozenset({"cloudformation", "ssm"})


@dataclass(frozen=True)
class Times:
    """`layers`: seconds by the end of a stack's name, `default`: others, `call`: every call.

    `rate` is the number of calls per second that an account may make to a `SLOW` service in a
    region, after a burst of two seconds' worth of calls. 0 disables throttling.
    """

    layers: Mapping[str, float] = field(default_factory=lambda: dict(LAYER_SECONDS))
    default: float = 5.0
    change_set: float = 2.0
    call: float = 0.03
    rate: float = 0.0

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """Times from a JSON document."""
        return cls(**settings)

    def stack(self, name: str) -> float:
        """Duration of an operation on the stack, in seconds."""
        return self.layers.get(name.rpartition("-")[2], self.default)


class Bucket:
    """A token bucket: `take` returns whether a call is within the rate."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._tokens = 2 * rate
        self._at = time.monotonic()
        self._lock = threading.Lock()

    def take(self) -> bool:
        if not self._rate:
            return True
        with self._lock:
            now = time.monotonic()
            self._tokens = min(2 * self._rate, self._tokens + (now - self._at) * self._rate)
            self._at = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True
