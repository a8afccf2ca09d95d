"""How to get a stack out of a state that a deployment cannot go on from."""

from __future__ import annotations

from tapgen.deploy.target import Target
from tapgen.stacks.stack import Stack
from tapgen.stacks.status import Rescue, roads


def way_out(target: Target, stack: Stack, status: str) -> str:
    """What to do next about a stack in `status`, with the command."""
    rescue = roads(status).recover
    if rescue is Rescue.BY_HAND:
        return f"Look at the events of {stack.name} in the AWS console in {stack.region}."
    command = target.command("recover", "--layer", stack.layer)
    return f"Mend the cause, then run `{command}`, then `{target.command('deploy')}`."
