"""Errors that CloudFront caches, even if nothing else is cached.

An edge location caches certain errors of GET and HEAD for ten seconds unless the distribution sets
a different time, whatever the response's headers say, and returns them to all callers of the same
URL (CloudFront guide, "How CloudFront processes HTTP 4xx and 5xx status codes from your origin").
Here `max-age` does not prolong this, and expired objects are not returned instead.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

    Answer = tuple[int, dict[str, Any], bytes]

KEPT = frozenset({404, 405, 414, 500, 501, 502, 503, 504})
DEFAULT_SECONDS = 10.0

_KEPT_METHODS = ("GET", "HEAD")


class EdgeErrors:
    """One edge location. `clock` returns monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[Hashable, tuple[float, Answer]] = {}

    async def serve(
        self,
        method: str,
        thing: Hashable,
        minimum_seconds: dict[int, float],
        ask: Callable[[], Awaitable[Answer]],
    ) -> Answer:
        """Return the cached error for `thing`, or the result of `ask`, which is cached if an error.

        `minimum_seconds` has the ErrorCachingMinTTL of the statuses that have one.
        """
        if method not in _KEPT_METHODS:
            return await ask()
        now = self._clock()
        self._kept = {key: kept for key, kept in self._kept.items() if kept[0] > now}
        key = (method, thing)
        if key in self._kept:
            return _from_cache(self._kept[key][1])
        answer = await ask()
        seconds = minimum_seconds.get(answer[0], DEFAULT_SECONDS)
        if answer[0] in KEPT and seconds:
            self._kept[key] = (now + seconds, answer)
        return answer


def _from_cache(answer: Answer) -> Answer:
    status, headers, body = answer
    return status, {**headers, "X-Cache": "Error from cloudfront"}, body
