"""Operations on one stack that are carried through to their end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tapgen.aws.cloudformation.api import CloudFormation
from tapgen.aws.cloudformation.change_sets import CREATE
from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.aws.cloudformation.watch import Watched
from tapgen.deploy.flow.events import Progress
from tapgen.deploy.stack.interfaces import release_interfaces
from tapgen.deploy.stack.open_change_sets import OpenChangeSets
from tapgen.deploy.stack.rollouts import telling_weights
from tapgen.deploy.target.run import Run
from tapgen.errors import TapgenError
from tapgen.model.deployed.events import ResourceEvent
from tapgen.model.deployed.stack_status import SUCCEEDED, in_progress
from tapgen.model.plan import Planned
from tapgen.model.stack import Stack


def watch_to_rest(run: Run, stack: Stack, state: StackState | None = None) -> StackState:
    """The stack's state; when something is in progress, the state after its end.

    `state` is what the stack was just seen to be like.
    """
    state = state or run.target.describe(stack.layer)
    if not in_progress(state.status):
        return state
    run.note(stack, f"{state.status} from an earlier run: watching it to its end")
    watched = attach(run, stack, state)
    gone = watched.state.status == "DELETE_COMPLETE"
    return StackState(stack.name) if gone else watched.state


def attach(run: Run, stack: Stack, state: StackState) -> Watched:
    """Watch what is in progress to its end, from the operation's first event on."""
    begun = run.cloudformation(stack).operation(state.stack_id)
    seen = begun[0].event_id if begun else None
    return run.watcher(stack).watch(state.stack_id, seen, _reporting(run, stack), attached=True)


def execute(run: Run, entry: Planned, change_sets: OpenChangeSets) -> Watched:
    """Execute a planned change set and watch the stack to its end.

    Raises `StillRunningError` at the stack's deadline.
    """
    stack, change_set = entry.stack, entry.change_set
    durations = run.state.durations
    cloudformation = run.cloudformation(stack)
    trace = run.state.trace(stack.layer)
    # A stack to be made has no history, and what is said of its review the watcher leaves out.
    new = entry.kind == CREATE
    seen = None if new else cloudformation.latest_event(change_set.stack_id)
    run.begin()
    change_sets.take(entry)
    try:
        certain = cloudformation.execute(change_set, run.token)
    except TapgenError:
        change_sets.add(entry)
        raise
    trace.change_sets.append(change_set.arn)
    with telling_weights(run, entry):
        watched = _watch(
            run,
            stack,
            change_set.stack_id,
            seen,
            attached=not certain,
            seconds=None if stack.deadline_minutes is None else stack.deadline_minutes * 60.0,
            expected=durations.expected(stack.layer, entry.kind),
            resources=len(change_set.changes),
        )
    if watched.seconds is not None and watched.state.status in SUCCEEDED:
        durations.note(stack.layer, entry.kind, watched.seconds)
    return watched


def cancel(run: Run, stack: Stack) -> Watched:
    """Stop what is in progress: an update is rolled back, a create deleted.

    Watches the stack to its end, also where it is too late to stop anything.
    """
    cloudformation = run.cloudformation(stack)
    state = cloudformation.describe(stack.name)
    seen = cloudformation.latest_event(state.stack_id)
    stop(run, stack, state)
    return _watch(run, stack, state.stack_id, seen, attached=True)


def stop(run: Run, stack: Stack, state: StackState) -> bool:
    """Ask AWS to stop what is in progress, without watching; gives whether there is a way to."""
    cloudformation = run.cloudformation(stack)
    if state.status == "CREATE_IN_PROGRESS":
        cloudformation.delete(state.stack_id, run.token)
    elif state.status == "UPDATE_IN_PROGRESS":
        cloudformation.cancel_update(state.stack_id, run.token)
    else:
        return False
    return True


def delete(run: Run, stack: Stack, state: StackState, leave: Sequence[str] = ()) -> Watched:
    """Delete a stack and watch it to its end. `leave` names what could not be deleted before.

    What functions left in its network is removed first, see `release_interfaces`.
    """
    release_interfaces(run, stack)
    return _begin(run, stack, state, lambda api: api.delete(state.stack_id, run.token, leave))


def continue_rollback(
    run: Run, stack: Stack, state: StackState, skip: Sequence[str] = ()
) -> Watched:
    """Go on with a rollback that got stuck and watch it to its end."""
    return _begin(
        run, stack, state, lambda api: api.continue_rollback(state.stack_id, run.token, skip)
    )


def roll_back(run: Run, stack: Stack, state: StackState) -> Watched:
    """Roll back what failed while rollback was switched off, and watch it to its end."""
    return _begin(run, stack, state, lambda api: api.roll_back(state.stack_id, run.token))


def _begin(
    run: Run, stack: Stack, state: StackState, call: Callable[[CloudFormation], None]
) -> Watched:
    run.begin()
    cloudformation = run.cloudformation(stack)
    seen = cloudformation.latest_event(state.stack_id)
    call(cloudformation)
    return _watch(run, stack, state.stack_id, seen)


def _watch(run: Run, stack: Stack, stack_id: str, seen: str | None, **how: Any) -> Watched:
    """Watch to its end what this run has begun, and keep how it left the stack."""
    watched = run.watcher(stack).watch(stack_id, seen, _reporting(run, stack), **how)
    run.state.trace(stack.layer).updated = watched.state.updated
    return watched


def _reporting(run: Run, stack: Stack) -> Callable[[ResourceEvent], None]:
    return lambda event: run.tell(Progress(stack.layer, event))
