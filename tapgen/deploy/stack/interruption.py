"""Ctrl-C: what is told when a run is broken off while AWS is at work."""

from __future__ import annotations

from collections.abc import Sequence

from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError


class InterruptedRunError(TapgenError):
    """The run was broken off; nothing new was started."""

    exit_code = 130


def still_running_note(target: Target, layer: str) -> str:
    """What to add to the error of a layer that AWS is still at work on; empty where it is not."""
    stack = target.stacks[layer]
    if stack not in target.abandoned():
        return ""
    return f". AWS goes on with stack {stack.name}; the next run watches it to its end"


def interrupted(target: Target, verb: str) -> InterruptedRunError:
    """The error that ends a run of `tapgen <verb>`: what AWS goes on with, how to look at it."""
    running = target.abandoned()
    again = f"`{target.command(verb)}` again goes on from there"
    if not running:
        return InterruptedRunError("interrupted; nothing is left in progress in AWS", f"{again}.")
    names = ", ".join(f"{stack.layer} (stack {stack.name})" for stack in running)
    return InterruptedRunError(
        f"interrupted; AWS goes on with {names}",
        f"`{target.command('status')}` shows how far it is; {again}, after watching it to its end.",
    )


def interrupted_fleet(targets: Sequence[Target], verb: str) -> InterruptedRunError:
    """Like `interrupted`, of a run on several environments."""
    if len(targets) == 1:
        return interrupted(targets[0], verb)
    left = [(target, stack) for target in targets for stack in target.abandoned()]
    again = f"`{targets[0].command_on(targets, verb)}` again goes on from there"
    if not left:
        return InterruptedRunError("interrupted; nothing is left in progress in AWS", f"{again}.")
    names = ", ".join(f"{target.environment} {stack.layer}" for target, stack in left)
    return InterruptedRunError(
        f"interrupted; AWS goes on with {names}", f"{again}, after watching it to its end."
    )
