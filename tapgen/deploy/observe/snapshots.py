"""Deployed stacks as one side of a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.deploy.observe.inspection import states
from tapgen.deploy.observe.stale_inputs import Staleness, staleness
from tapgen.deploy.target.target import Target
from tapgen.model.deployed.stack_status import never_made
from tapgen.model.templates.template import Template
from tapgen.review.diff.snapshot import Snapshot

_PARALLEL_CALLS: Final = 4


def deployed_snapshots(target: Target) -> tuple[dict[str, Snapshot], Staleness]:
    """Layer -> the deployed stack; and the stale inputs.

    Stacks that do not exist, or were never fully created, are omitted. Raises `RefusedError` if the
    credentials belong to another account.
    """
    found = {
        layer: state
        for layer, state in states(target, target.stacks).items()
        if not never_made(state.status)
    }
    with ThreadPoolExecutor(_PARALLEL_CALLS) as pool:
        every = pool.map(lambda layer: _snapshot(target, layer, found), found)
        return dict(zip(found, every, strict=True)), staleness(target, found)


def _snapshot(target: Target, layer: str, found: Mapping[str, StackState]) -> Snapshot:
    stack, state = target.stacks[layer], found[layer]
    cloudformation = target.cloudformation(stack)
    parameters = (state.parameters or {}).items()
    as_it_is = replace(
        stack,
        template=Template(layer, cloudformation.template(stack.name)),
        parameters={name: value for name, value in parameters if name not in stack.inputs},
        tags=state.tags or {},
        protected=state.termination_protection,
        deadline_minutes=None,
    )
    return Snapshot(as_it_is, cloudformation.policy(stack.name))
