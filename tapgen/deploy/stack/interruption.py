"""Ctrl-C: the errors and notes of a run that is interrupted while AWS is working."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tapgen.deploy.target.run import Run
from tapgen.errors import TapgenError


class InterruptedRunError(TapgenError):
    """The run was interrupted; nothing new was started."""

    exit_code = 130


def still_running_note(run: Run, layer: str) -> str:
    """The addition to the error of a layer that AWS is still working on; otherwise empty."""
    stack = run.target.stacks[layer]
    if stack not in run.abandoned():
        return ""
    return f". AWS continues with stack {stack.name}; the next run watches it to its end"


def interrupted(runs: Sequence[Run], verb: str, options: Iterable[str]) -> InterruptedRunError:
    """The error that ends a run of `tapgen <verb>`: what AWS continues with, and how to see it.

    `options` limit the suggested command to what this run was to do.
    """
    targets = [run.target for run in runs]
    first = targets[0]
    again = f"`{first.command_on(targets, verb, *options)}` again continues from there"
    left = [(run.target, stack) for run in runs for stack in run.abandoned()]
    if not left:
        return InterruptedRunError("interrupted; nothing is left in progress in AWS", f"{again}.")
    if len(runs) == 1:
        names = ", ".join(f"{stack.layer} (stack {stack.name})" for _, stack in left)
        look = f"`{first.command('status')}` shows its progress; "
    else:
        names = ", ".join(f"{target.environment} {stack.layer}" for target, stack in left)
        look = ""
    return InterruptedRunError(
        f"interrupted; AWS continues with {names}",
        f"{look}{again}, after watching it to its end.",
    )
