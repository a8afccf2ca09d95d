"""What Ctrl-C and SIGTERM do while a run is at work."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.deploy.stack.interruption import interrupted_fleet


@contextmanager
def interruptible(brake: Interrupt, verb: str) -> Iterator[None]:
    """At a terminal, Ctrl-C brakes a run of `verb` in steps; without one it ends it at once."""
    try:
        with _braking(brake) if sys.stderr.isatty() else nullcontext():
            yield
    except KeyboardInterrupt:  # it came between two messages, not while the run was at work
        raise interrupted_fleet(brake.targets, verb) from None


@contextmanager
def _braking(brake: Interrupt) -> Iterator[None]:
    with brake, _on_interrupt(lambda *_: brake.press()):
        yield


@contextmanager
def at_once() -> Iterator[None]:
    """Let Ctrl-C end the run, for instance while a question is open."""
    with _on_interrupt(signal.default_int_handler):
        yield


@contextmanager
def _on_interrupt(handler: signal._HANDLER) -> Iterator[None]:
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
