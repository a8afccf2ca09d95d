"""How to get a stack out of a state that a deployment cannot go on from."""

from __future__ import annotations

from typing import Final

from tapgen.deploy.target import Target
from tapgen.stacks.stack import Stack

# Status -> the AWS command that leads out of it (CloudFormation API reference).
_COMMANDS: Final = {
    "UPDATE_FAILED": "rollback-stack",
    "UPDATE_ROLLBACK_FAILED": "continue-update-rollback",
}


def way_out(target: Target, stack: Stack, status: str) -> str:
    """What to do next about a stack in `status`, with a command where there is one."""
    if status == "DELETE_FAILED":
        return f"Mend the cause, then run `{target.command('destroy', '--layer', stack.layer)}`."
    if status in _COMMANDS:
        command = f"aws cloudformation {_COMMANDS[status]} --stack-name {stack.name}"
        again = target.command("deploy")
        return f"Mend the cause, run `{command} --region {stack.region}`, then `{again}`."
    return f"Look at the events of {stack.name} in the AWS console in {stack.region}."
