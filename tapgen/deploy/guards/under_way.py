"""Waiting for operations of AWS during which a change set would fail."""

from __future__ import annotations

from typing import Final

from tapgen.aws.polling import intervals, until
from tapgen.deploy.guards.guard import Guard, Subject, guards_of
from tapgen.deploy.target.run import Run
from tapgen.model.stack import Stack

_MOST_SECONDS: Final = 15.0


def wait_until_over(run: Run, stack: Stack, subject: Subject) -> None:
    """Wait for every operation that guards know to be under way; notes each one once.

    Raises `TapgenError` if an operation takes too long, and `StoppedError` after Ctrl-C.
    """
    for guard in guards_of(subject.target):
        _wait(run, stack, subject, guard)


def _wait(run: Run, stack: Stack, subject: Subject, guard: Guard) -> None:
    found = guard.at_work(subject)
    if found is None:
        return
    run.note(stack, f"waiting for {found.what}, at most {found.seconds / 60:.0f} minutes")
    until(
        lambda: None if guard.at_work(subject) else True,
        what=found.what,
        seconds=found.seconds,
        pauses=intervals(first=0.5, most=_MOST_SECONDS),
        sleep=run.sleep,
        hint=f"{found.hint} Then run `{run.again()}` again.",
    )
