"""What Ctrl-C and SIGTERM do while a run is at work."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tapgen.deploy.brake import Brake


@contextmanager
def interruptible(brake: Brake) -> Iterator[None]:
    """At a terminal, Ctrl-C brakes in steps; without one it ends the run at once."""
    if not sys.stderr.isatty():
        yield
        return
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
