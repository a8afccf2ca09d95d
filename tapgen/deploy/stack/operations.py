"""Operations on one stack that are carried through to their end."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tapgen.aws.cloudformation.api import CloudFormation
from tapgen.aws.cloudformation.change_sets import CREATE
from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.aws.cloudformation.watch import StoppedError, Watched
from tapgen.deploy.flow.events import Message, Note, Progress
from tapgen.deploy.flow.walk import Emit
from tapgen.deploy.stack.open_change_sets import OpenChangeSets
from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError
from tapgen.model.deployed.events import ResourceEvent
from tapgen.model.deployed.stack_status import SUCCEEDED, in_progress
from tapgen.model.plan import Planned
from tapgen.model.stack import Stack


def watch_to_rest(
    target: Target, stack: Stack, emit: Emit[Message], state: StackState | None = None
) -> StackState:
    """The stack's state; when something is in progress, the state after its end.

    `state` is what the stack was just seen to be like.
    """
    state = state or target.describe(stack.layer)
    if not in_progress(state.status):
        return state
    emit(Note(stack.layer, f"{state.status} from an earlier run: watching it to its end"))
    watched = attach(target, stack, state, emit)
    gone = watched.state.status == "DELETE_COMPLETE"
    return StackState(stack.name) if gone else watched.state


def attach(target: Target, stack: Stack, state: StackState, emit: Emit[Message]) -> Watched:
    """Watch what is in progress to its end, from the operation's first event on."""
    begun = target.cloudformation(stack).operation(state.stack_id)
    seen = begun[0].event_id if begun else None
    return target.watcher(stack).watch(state.stack_id, seen, _reporting(stack, emit), attached=True)


def execute(
    target: Target, entry: Planned, change_sets: OpenChangeSets, emit: Emit[Message]
) -> Watched:
    """Execute a planned change set and watch the stack to its end.

    Raises `StillRunningError` at the stack's deadline.
    """
    stack, change_set = entry.stack, entry.change_set
    cloudformation = target.cloudformation(stack)
    # A stack to be made has no history, and what is said of its review the watcher leaves out.
    new = entry.kind == CREATE
    seen = None if new else cloudformation.latest_event(change_set.stack_id)
    _go(target)
    change_sets.take(entry)
    try:
        certain = cloudformation.execute(change_set)
    except TapgenError:
        change_sets.add(entry)
        raise
    watched = target.watcher(stack).watch(
        change_set.stack_id,
        seen,
        _reporting(stack, emit),
        attached=not certain,
        seconds=None if stack.deadline_minutes is None else stack.deadline_minutes * 60.0,
        expected=target.durations.expected(stack.layer, entry.kind),
        resources=len(change_set.changes),
    )
    if watched.seconds is not None and watched.state.status in SUCCEEDED:
        target.durations.note(stack.layer, entry.kind, watched.seconds)
    return watched


def cancel(target: Target, stack: Stack, emit: Emit[Message]) -> Watched:
    """Stop what is in progress: an update is rolled back, a create deleted.

    Watches the stack to its end, also where it is too late to stop anything.
    """
    cloudformation = target.cloudformation(stack)
    state = cloudformation.describe(stack.name)
    seen = cloudformation.latest_event(state.stack_id)
    stop(cloudformation, state)
    return target.watcher(stack).watch(state.stack_id, seen, _reporting(stack, emit), attached=True)


def stop(cloudformation: CloudFormation, state: StackState) -> bool:
    """Ask AWS to stop what is in progress, without watching; gives whether there is a way to."""
    if state.status == "CREATE_IN_PROGRESS":
        cloudformation.delete(state.stack_id)
    elif state.status == "UPDATE_IN_PROGRESS":
        cloudformation.cancel_update(state.stack_id)
    else:
        return False
    return True


def delete(
    target: Target, stack: Stack, state: StackState, emit: Emit[Message], leave: Sequence[str] = ()
) -> Watched:
    """Delete a stack and watch it to its end. `leave` names what could not be deleted before."""
    return _begin(target, stack, state, emit, lambda api: api.delete(state.stack_id, leave))


def continue_rollback(
    target: Target, stack: Stack, state: StackState, emit: Emit[Message], skip: Sequence[str] = ()
) -> Watched:
    """Go on with a rollback that got stuck and watch it to its end."""
    return _begin(
        target, stack, state, emit, lambda api: api.continue_rollback(state.stack_id, skip)
    )


def roll_back(target: Target, stack: Stack, state: StackState, emit: Emit[Message]) -> Watched:
    """Roll back what failed while rollback was switched off, and watch it to its end."""
    return _begin(target, stack, state, emit, lambda api: api.roll_back(state.stack_id))


def _begin(
    target: Target,
    stack: Stack,
    state: StackState,
    emit: Emit[Message],
    call: Callable[[CloudFormation], None],
) -> Watched:
    _go(target)
    cloudformation = target.cloudformation(stack)
    seen = cloudformation.latest_event(state.stack_id)
    call(cloudformation)
    return target.watcher(stack).watch(state.stack_id, seen, _reporting(stack, emit))


def _go(target: Target) -> None:
    """Raise `StoppedError` once Ctrl-C was pressed: nothing new is begun then."""
    if target.closing:
        raise StoppedError("the run was broken off")


def _reporting(stack: Stack, emit: Emit[Message]) -> Callable[[ResourceEvent], None]:
    return lambda event: emit(Progress(stack.layer, event))
