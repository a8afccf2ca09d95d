"""How long here takes what takes a time of AWS's choosing there.

Callers have to cope with such a time, whatever its length: by default a minute lasts a second.
"""

from __future__ import annotations

from typing import Final

MINUTE_SECONDS: Final = 1.0

_minute = MINUTE_SECONDS


def set_minute(seconds: float) -> None:
    """Say how long a minute of AWS takes; called once, before the server answers."""
    global _minute  # noqa: PLW0603 - one server per process, and one clock
    _minute = seconds


def shortened(seconds: float) -> float:
    """How many seconds those of AWS take here."""
    return seconds / 60 * _minute
