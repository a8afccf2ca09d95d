"""Ctrl-C, and the SIGTERM of a CI job: an exception, and a flag, because exceptions get lost.

Python raises in whatever the main thread is at. In a callback of the import lock it only prints
what was raised and goes on, and around a descriptor's `__set_name__` it becomes a RuntimeError: of
a few hundred interrupts in the first half second one was lost, and a deployment went on to its end.
So the handler sets a flag as well, and whoever is about to begin something looks at it.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn


class _Pressed:
    """Whether somebody wants this process to end."""

    yes = False


_PRESSED: Final = _Pressed()


@contextmanager
def noticing_interrupts() -> Iterator[None]:
    """Let both signals end what is done meanwhile; an ignored Ctrl-C (`nohup`) stays ignored."""
    _PRESSED.yes = False  # what interrupted something before is not meant for this
    signal.signal(signal.SIGTERM, interrupt)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        _PRESSED.yes = False


def interrupt(_signal: int | None = None, _frame: FrameType | None = None) -> NoReturn:
    """The handler of both signals."""
    _PRESSED.yes = True
    raise KeyboardInterrupt


def interrupted() -> bool:
    """Whether there was an interrupt, also one whose exception got lost."""
    return _PRESSED.yes


def refuse_interrupted() -> None:
    """Raise `KeyboardInterrupt` where there was an interrupt: nothing may begin any more."""
    if _PRESSED.yes:
        raise KeyboardInterrupt
