"""Shortened durations of what takes AWS some time.

Callers must handle such a duration, whatever its length. By default, a minute lasts a second.
"""

from __future__ import annotations

from typing import Final

MINUTE_SECONDS: Final = 1.0

_minute = MINUTE_SECONDS


def set_minute(seconds: float) -> None:
    """Set the length of a minute of AWS. Called once, before the server answers."""
    global _minute  # noqa: PLW0603 - one server per process, and one clock
    _minute = seconds


def shortened(seconds: float) -> float:
    """The local duration of AWS's seconds."""
    return seconds / 60 * _minute
