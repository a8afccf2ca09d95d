"""Waiting for what AWS is at by itself, where a change set would fail meanwhile."""

from __future__ import annotations

from typing import Final

from tapgen.aws.polling import intervals, until
from tapgen.deploy.guards.guard import Guard, Subject, guards_of
from tapgen.deploy.target.run import Run
from tapgen.model.stack import Stack

_MOST_SECONDS: Final = 15.0


def wait_until_over(run: Run, stack: Stack, subject: Subject, again: str) -> None:
    """Wait for all that guards know to be under way; tells once what is waited for.

    `again` is the command that goes on from here. Raises `TapgenError` with it where something
    takes too long, and `StoppedError` once Ctrl-C was pressed.
    """
    for guard in guards_of(subject.target):
        _wait(run, stack, subject, guard, again)


def _wait(run: Run, stack: Stack, subject: Subject, guard: Guard, again: str) -> None:
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
        hint=f"{found.hint} Then run `{again}` again.",
    )
