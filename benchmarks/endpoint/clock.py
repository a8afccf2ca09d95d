"""How long things take at the endpoint, in seconds, and how often they may be asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

# The simulated times that issues and peers are measured by; other layers are like their likes.
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

# Of the services that tapgen calls often, those that may be called only a few times a second.
SLOW: Final = frozenset({"cloudformation", "ssm"})


@dataclass(frozen=True)
class Times:
    """`layers` by the end of a stack's name; `default` for others; `call` for every answer.

    `rate` is the number of calls a second that an account may make of a `SLOW` service in a region,
    after a burst of as many as it may make in two seconds; 0 means that nothing is throttled.
    """

    layers: Mapping[str, float] = field(default_factory=lambda: dict(LAYER_SECONDS))
    default: float = 5.0
    change_set: float = 2.0
    call: float = 0.03
    rate: float = 0.0

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """Times as a JSON document says them."""
        return cls(**settings)

    def stack(self, name: str) -> float:
        """Seconds that an operation on the stack takes."""
        return self.layers.get(name.rpartition("-")[2], self.default)


class Bucket:
    """A token bucket: `take` says whether a call is within the rate."""

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
