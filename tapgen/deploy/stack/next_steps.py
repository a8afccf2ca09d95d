"""How to go on from the state that a stack is in, in words and commands."""

from __future__ import annotations

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.deploy.target.target import Target
from tapgen.model.deployed.events import root_cause
from tapgen.model.deployed.stack_status import DeployAction, RecoverAction, actions_for
from tapgen.model.stack import Stack


def stuck(target: Target, stack: Stack, state: StackState) -> str:
    """The state that a stack is stuck in, with the first resource that failed and why."""
    events = target.cloudformation(stack).operation(state.stack_id or state.name)
    cause = root_cause(stack.layer, state.stack_id, events)
    why = str(cause) if cause else state.reason
    return f"stack {stack.name} is in {state.status}: {why}".rstrip(": ")


def way_out(target: Target, stack: Stack, status: str) -> str:
    """What to do about a stack that a deployment cannot go on from, with the command."""
    if actions_for(status).recover is RecoverAction.BY_HAND:
        return f"Look at the events of {stack.name} in the AWS console in {stack.region}."
    command = target.command("recover", "--layer", stack.layer)
    return f"Mend the cause, then run `{command}`, then `{target.command('deploy')}`."


def retry_hint(target: Target, stack: Stack, status: str) -> str:
    """What to do after an operation that failed and left the stack in `status`."""
    if actions_for(status).deploy is DeployAction.RECOVER:
        return way_out(target, stack, status)
    return (
        f"Mend the cause, then run `{target.command('deploy')}` again: "
        "what has succeeded stays as it is."
    )
