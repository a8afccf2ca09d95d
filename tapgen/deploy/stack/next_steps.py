"""The next step from each state of a stack, in words and commands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.aws.cloudformation.watch import Watched
from tapgen.deploy.target.run import Run
from tapgen.deploy.target.target import Target
from tapgen.model.deployed.events import root_cause
from tapgen.model.deployed.stack_status import DeployAction, RecoverAction, actions_for
from tapgen.model.stack import Stack

# The statuses in which a resource can be skipped, and what happens to it then.
SKIPPED: Final = {
    "UPDATE_ROLLBACK_FAILED": "CloudFormation then treats it as rolled back; fix it by hand.",
    "DELETE_FAILED": "it is left behind. If its template retains it, the next deployment takes it "
    "over; otherwise delete it by hand.",
}


def stuck(target: Target, stack: Stack, state: StackState) -> str:
    """The state that a stack is stuck in, with the first resource that failed and why."""
    events = target.cloudformation(stack).operation(state.stack_id or state.name)
    cause = root_cause(stack.layer, state.stack_id, events)
    why = str(cause) if cause else state.reason
    return f"stack {stack.name} is in {state.status}: {why}".rstrip(": ")


def way_out(run: Run, stack: Stack, status: str) -> str:
    """The next step for a stack in a state that a deployment cannot continue from."""
    if actions_for(status).recover is RecoverAction.BY_HAND:
        return f"Look at the events of {stack.name} in the AWS console in {stack.region}."
    command = run.target.command("recover", "--layer", stack.layer)
    return f"Fix the cause, then run `{command}`, then `{run.again()}`."


def retry_hint(run: Run, stack: Stack, status: str) -> str:
    """The next step after a failed operation left the stack in `status`; see `way_out`."""
    if actions_for(status).deploy is DeployAction.RECOVER:
        return way_out(run, stack, status)
    return f"Fix the cause, then run `{run.again()}` again: what has succeeded stays as it is."


def with_command(hint: str, again: str) -> str:
    """The hint, with the command to continue with unless it already names one."""
    if "`tapgen " in hint:
        return hint
    if not hint:
        return f"Fix the cause, then run `{again}`."
    return f"{hint} `{again}` continues from there."


def mend_or_skip(
    target: Target, stack: Stack, watched: Watched, again: str, skipped: Iterable[str] = ()
) -> str:
    """The next steps after a failed deletion or rollback: retry, or skip what failed.

    `again` is the command that retries, `skipped` are the resources that it may skip.
    """
    hint = f"Fix the cause, then run `{again}` again."
    failed = failing(watched)
    if not failed or watched.state.status not in SKIPPED:
        return hint
    every = dict.fromkeys((*skipped, *failed))
    named = [part for name in every for part in ("--skip-resource", f"{stack.layer}.{name}")]
    skipping = target.command("recover", "--layer", stack.layer, *named)
    means = SKIPPED[watched.state.status]
    return f"{hint} If it fails again, `{skipping}` continues without it: {means}"


def failing(watched: Watched) -> tuple[str, ...]:
    """The logical ids of the resources that failed, ordered by time."""
    stack_id = watched.state.stack_id
    names = (e.logical_id for e in watched.events if e.is_failure and e.physical_id != stack_id)
    return tuple(dict.fromkeys(names))
