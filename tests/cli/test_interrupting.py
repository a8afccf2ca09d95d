"""Ctrl-C between two messages, while the run itself is not looking."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any, cast

import pytest

from tapgen.cli.interrupting import at_once, interruptible
from tapgen.cli.views.runs.progress import follow
from tapgen.deploy.flow.events import Message, Note
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.deploy.stack.interruption import InterruptedRunError


class Target:
    closing = cancelled = False

    @staticmethod
    def running() -> tuple[()]:
        return ()

    @staticmethod
    def abandoned() -> tuple[()]:
        return ()

    @staticmethod
    def command(verb: str) -> str:
        return f"tapgen {verb}"


@pytest.fixture
def brake() -> Interrupt:
    return Interrupt(cast("Any", Target()))


class Pressed:
    """A view that Ctrl-C comes upon while it shows something."""

    def show(self, _: Message) -> None:
        signal.raise_signal(signal.SIGINT)


def test_the_run_is_ended_and_what_goes_on_is_told(brake: Interrupt) -> None:
    closed = []

    def run() -> Iterator[Message]:
        try:
            yield Note("data", "text")
        finally:
            closed.append(True)

    messages = run()
    with (
        pytest.raises(InterruptedRunError, match="nothing is left in progress"),
        interruptible(brake, "deploy"),
    ):
        follow(messages, cast("Any", Pressed()))
    assert closed == [True]
    assert brake.presses == 0


def test_at_a_terminal_it_brakes_first(brake: Interrupt, terminal: Any) -> None:
    before = signal.getsignal(signal.SIGINT)
    with terminal.attached(), interruptible(brake, "deploy"):
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt), at_once():
            signal.raise_signal(signal.SIGINT)
    (target,) = brake.targets
    assert (brake.presses, target.closing, target.cancelled) == (1, True, False)
    assert signal.getsignal(signal.SIGINT) is before
