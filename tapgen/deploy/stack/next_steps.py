"""How to go on from the state that a stack is in, in words and commands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.aws.cloudformation.watch import Watched
from tapgen.deploy.target.target import Target
from tapgen.model.deployed.events import root_cause
from tapgen.model.deployed.stack_status import DeployAction, RecoverAction, actions_for
from tapgen.model.stack import Stack

# Where a resource can be skipped, and what becomes of it then.
SKIPPED: Final = {
    "UPDATE_ROLLBACK_FAILED": "CloudFormation then takes it for rolled back; fix it by hand.",
    "DELETE_FAILED": "it is left behind, for the next deployment to take over if its "
    "template retains it, or for you to delete by hand.",
}


def stuck(target: Target, stack: Stack, state: StackState) -> str:
    """The state that a stack is stuck in, with the first resource that failed and why."""
    events = target.cloudformation(stack).operation(state.stack_id or state.name)
    cause = root_cause(stack.layer, state.stack_id, events)
    why = str(cause) if cause else state.reason
    return f"stack {stack.name} is in {state.status}: {why}".rstrip(": ")


def way_out(
    target: Target, stack: Stack, status: str, options: Iterable[str] = (), verb: str = "deploy"
) -> str:
    """What to do about a stack that a deployment cannot go on from, with the command.

    `options` are those that the command called `verb` was given, and needs again.
    """
    if actions_for(status).recover is RecoverAction.BY_HAND:
        return f"Look at the events of {stack.name} in the AWS console in {stack.region}."
    command = target.command("recover", "--layer", stack.layer)
    again = target.command(verb, *options)
    return f"Fix the cause, then run `{command}`, then `{again}`."


def retry_hint(
    target: Target, stack: Stack, status: str, options: Iterable[str] = (), verb: str = "deploy"
) -> str:
    """What to do after an operation that failed and left the stack in `status`; see `way_out`."""
    if actions_for(status).deploy is DeployAction.RECOVER:
        return way_out(target, stack, status, options, verb)
    return (
        f"Fix the cause, then run `{target.command(verb, *options)}` again: "
        "what has succeeded stays as it is."
    )


def with_command(hint: str, again: str) -> str:
    """The hint, with the command that goes on from here unless it names one."""
    if "`tapgen " in hint:
        return hint
    return f"{hint} `{again}` continues from there." if hint else f"Fix the cause, then `{again}`."


def mend_or_skip(target: Target, stack: Stack, watched: Watched, again: str) -> str:
    """Both ways on from what could not be deleted or rolled back: once more, or without it.

    `again` is the command that does it once more.
    """
    hint = f"Fix the cause, then run `{again}` again."
    failed = failing(watched)
    if not failed or watched.state.status not in SKIPPED:
        return hint
    named = [part for name in failed for part in ("--skip-resource", f"{stack.layer}.{name}")]
    skipping = target.command("recover", "--layer", stack.layer, *named)
    means = SKIPPED[watched.state.status]
    return f"{hint} `{skipping}` continues without, if it fails again: {means}"


def failing(watched: Watched) -> tuple[str, ...]:
    """The resources that failed, in the order of time."""
    stack_id = watched.state.stack_id
    names = (e.logical_id for e in watched.events if e.is_failure and e.physical_id != stack_id)
    return tuple(dict.fromkeys(names))
