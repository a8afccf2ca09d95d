"""Explains why an operation failed: the first real cause, its origin, and how to continue."""

from __future__ import annotations

from dataclasses import replace

from tapgen.aws.cloudformation.watch import Watched
from tapgen.aws.resources.kept import found_again
from tapgen.deploy.stack.interruption import still_running_note
from tapgen.deploy.stack.next_steps import retry_hint, with_command
from tapgen.deploy.stack.rollouts import reason_of_return, way_back
from tapgen.deploy.target.run import Run
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.deployed.events import (
    Failed,
    RootCause,
    left_outside,
    rollback_cause,
    root_cause,
)
from tapgen.model.deployed.origins import origin
from tapgen.model.deployed.reasons import advice, is_taken
from tapgen.model.stack import Stack


def explain(run: Run, stack: Stack, watched: Watched, then: str = "") -> Failed:
    """The outcome of an operation that did not succeed. `then` replaces the default next step."""
    target, state = run.target, watched.state
    cause = _cause(target, stack, watched)
    reason = state.reason or state.status
    if cause:
        reason = f"{cause}{_origin_words(cause)}"
    updated = state.status.startswith("UPDATE_")  # no traffic shifts while a stack is created
    back, out = reason_of_return(run, stack, cause if updated else None, watched.begun)
    reason += f"; {back}" if back else ""
    second = rollback_cause(stack.layer, state.stack_id, watched.events)
    stuck = state.status == "UPDATE_ROLLBACK_FAILED"
    if second and second != cause and state.status.endswith("ROLLBACK_FAILED"):
        second = _located(stack, second)
        reason += f"; then its rollback failed: {second}{_origin_words(second)}"
    if run.state.cancelling and not (cause or second):
        reason = "cancelled"
    after = then or retry_hint(run, stack, state.status)
    left = _left_outside(stack, watched) if state.status == "UPDATE_ROLLBACK_COMPLETE" else ""
    told = [
        out or advice(reason, target.command),
        _takeover(target, stack, reason),
        _where_set(target, cause),
        left,
        way_back(run, stack, second or cause) if stuck else "",
        after,
    ]
    return Failed(reason, state.status, cause, " ".join(filter(None, told)))


def _takeover(target: Target, stack: Stack, reason: str) -> str:
    """How to take over the resource that already has the name; "" if the name is not the cause."""
    if not is_taken(reason):
        return ""
    adopt = target.command("adopt", f"--layer {stack.layer}")
    return f"If it belongs to this layer, `{adopt}` shows what differs and takes it over."


def not_done(run: Run, layer: str, error: TapgenError, again: str) -> Failed:
    """The outcome of a layer whose work raised an error; `again` is the command to continue with.

    The hint of a refusal is complete: its guard knows the next step.
    """
    refused = isinstance(error, RefusedError)
    hint = error.hint if refused else with_command(error.hint, again)
    return Failed(error.message + still_running_note(run, layer), hint=hint, refused=refused)


def _left_outside(stack: Stack, watched: Watched) -> str:
    """Resources that a rolled-back update created and could not delete, each with what to do.

    As long as one has its name, every update that creates it fails.
    """
    words = []
    for event in left_outside(watched.state.stack_id, watched.events):
        then = "delete it by hand, otherwise the next update fails at its name"
        if _is_taken_over(stack, event.logical_id):
            then = "the next deployment takes it over"
        words.append(
            f"{event.logical_id} ({event.physical_id}) was left outside the stack: {then}."
        )
    return " ".join(words)


def _is_taken_over(stack: Stack, logical_id: str) -> bool:
    template = stack.template
    return logical_id in template.retained and found_again(template.resources[logical_id])


def _cause(target: Target, stack: Stack, watched: Watched) -> RootCause | None:
    """The cause from DescribeEvents if that names a resource, otherwise from the stack's events."""
    state = watched.state
    since = watched.begun
    failures = target.cloudformation(stack).failures(state, since)
    if all(event.physical_id == state.stack_id for event in failures):
        failures = watched.events
    cause = root_cause(stack.layer, state.stack_id, failures)
    return _located(stack, cause) if cause else None


def _located(stack: Stack, cause: RootCause) -> RootCause:
    found = origin(stack, cause.logical_id, cause.reason, cause.path)
    return replace(cause, origin=found)


def _origin_words(cause: RootCause) -> str:
    found = cause.origin
    words = [f"property {found.property}"] if found.property else []
    words += [f"from setting {found.setting}"] if found.setting else []
    words += [f"from {found.source}"] if found.source else []
    return f" ({', '.join(words)})" if words else ""


def _where_set(target: Target, cause: RootCause | None) -> str:
    if cause is None or not cause.origin.setting:
        return ""
    command = target.file_command("env show")
    return f"`{command}` shows in which file and line {cause.origin.setting} is set."
