"""Operations on one stack, each watched to its end."""

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
    """The stack's state; if an operation is in progress, the state after its end.

    `state` is the stack's state, if it was just read.
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
    # A stack that is created has no history; the watcher ignores the events of its review.
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
    """Cancel the operation in progress: an update is rolled back, a creation is deleted.

    Watches the stack to its end, even if it is too late to cancel.
    """
    cloudformation = run.cloudformation(stack)
    state = cloudformation.describe(stack.name)
    seen = cloudformation.latest_event(state.stack_id)
    stop(run, stack, state)
    return _watch(run, stack, state.stack_id, seen, attached=True)


def stop(run: Run, stack: Stack, state: StackState) -> bool:
    """Ask AWS to cancel the operation in progress, without watching; False if it cannot be."""
    cloudformation = run.cloudformation(stack)
    if state.status == "CREATE_IN_PROGRESS":
        cloudformation.delete(state.stack_id, run.token)
    elif state.status == "UPDATE_IN_PROGRESS":
        cloudformation.cancel_update(state.stack_id, run.token)
    else:
        return False
    return True


def delete(run: Run, stack: Stack, state: StackState, leave: Sequence[str] = ()) -> Watched:
    """Delete a stack and watch it to its end. `leave` names resources that are left behind.

    Network interfaces that functions left in it are deleted first, see `release_interfaces`.
    """
    release_interfaces(run, stack)
    return _begin(run, stack, state, lambda api: api.delete(state.stack_id, run.token, leave))


def continue_rollback(
    run: Run, stack: Stack, state: StackState, skip: Sequence[str] = ()
) -> Watched:
    """Continue a rollback that failed, and watch it to its end."""
    return _begin(
        run, stack, state, lambda api: api.continue_rollback(state.stack_id, run.token, skip)
    )


def roll_back(run: Run, stack: Stack, state: StackState) -> Watched:
    """Roll back an operation that failed while rollback was disabled, and watch it to its end."""
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
    """Watch an operation of this run to its end, and keep the time of the stack's update."""
    watched = run.watcher(stack).watch(stack_id, seen, _reporting(run, stack), **how)
    run.state.trace(stack.layer).updated = watched.state.updated
    return watched


def _reporting(run: Run, stack: Stack) -> Callable[[ResourceEvent], None]:
    return lambda event: run.tell(Progress(stack.layer, event))
