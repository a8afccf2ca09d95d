"""Reading a deployed environment: states and outputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.deploy.observe.stale_inputs import Staleness, staleness
from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError
from tapgen.model.deployed.events import ResourceEvent
from tapgen.model.deployed.stack_status import in_progress, usable


@dataclass(frozen=True)
class Seen:
    """An environment that was read: states by layer, operations in progress, stale inputs."""

    states: Mapping[str, StackState]
    regions: Mapping[str, str]
    at_work: Mapping[str, ResourceEvent]
    inputs: Staleness


def look(target: Target, layers: Iterable[str]) -> Seen:
    """Read the layers' stacks; changes nothing."""
    found = states(target, layers)
    regions = {layer: stack.region for layer, stack in target.stacks.items()}
    return Seen(found, regions, at_work(target, found), staleness(target, found))


def states(target: Target, layers: Iterable[str]) -> dict[str, StackState]:
    """The state of each layer's stack, in the order of the layers."""
    target.verify_account()
    return target.states(layers)


def at_work(target: Target, found: Mapping[str, StackState]) -> dict[str, ResourceEvent]:
    """Layer -> the resource that AWS is working on, for the stacks of `found` in progress."""
    at: dict[str, ResourceEvent] = {}
    for layer, state in found.items():
        if in_progress(state.status):
            events = target.cloudformation(target.stacks[layer]).operation(state.stack_id)
            latest = {event.logical_id: event for event in events}
            busy = [event for event in latest.values() if in_progress(event.status)]
            if of_resources := [e for e in busy if e.physical_id != state.stack_id]:
                at[layer] = of_resources[-1]
    return at


def outputs(target: Target, layers: Iterable[str]) -> dict[str, Mapping[str, str]]:
    """The outputs of each deployed layer.

    Raises `TapgenError` if none of the layers is deployed.
    """
    found = {
        layer: state.outputs or {}
        for layer, state in states(target, layers).items()
        if usable(state.status)
    }
    if not found:
        raise TapgenError(
            f"no layer of {target.environment} is deployed",
            f"Deploy it: `{target.command('deploy')}`.",
        )
    return found
