"""Ctrl-C, and the SIGTERM of a CI job: an exception, and a flag, because exceptions get lost.

Python raises in whatever the main thread is doing. In a callback of the import lock it only prints
the exception and continues, and around a descriptor's `__set_name__` it becomes a RuntimeError: of
a few hundred interrupts in the first half second, one was lost and a deployment ran to its end.
Therefore the handler also sets a flag, which is checked before anything new begins.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn


class _Pressed:
    """Whether the process was asked to end."""

    yes = False


_PRESSED: Final = _Pressed()


@contextmanager
def noticing_interrupts() -> Iterator[None]:
    """Let both signals end the work in this context; an ignored Ctrl-C (`nohup`) stays ignored."""
    _PRESSED.yes = False  # an earlier interrupt does not apply
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
    """Whether there was an interrupt, even if its exception was lost."""
    return _PRESSED.yes


def refuse_interrupted() -> None:
    """Raise `KeyboardInterrupt` if there was an interrupt, so that nothing new begins."""
    if _PRESSED.yes:
        raise KeyboardInterrupt
