"""Reading the deployed stacks of several environments, to compare them."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.deploy.observe.drift import look_for_drift
from tapgen.deploy.observe.inspection import states
from tapgen.deploy.target.target import Target
from tapgen.model.deployed.drift import IN_SYNC, LayerDrift
from tapgen.model.deployed.stack_status import usable
from tapgen.review.parity.comparison import DRIFTED, NOT_CHECKED, Observed, template_sha256

_PARALLEL_CALLS: Final = 4


def sightings(
    targets: Iterable[Target], *, detect: bool = False
) -> dict[tuple[str, str], Observed]:
    """(environment, layer) -> the deployed stack, read with that account's credentials.

    With `detect`, drift is detected now; otherwise the last detection counts.

    Raises `RefusedError` if credentials belong to another account.
    """
    found: dict[tuple[str, str], Observed] = {}
    for target in targets:
        seen = states(target, target.stacks)
        with ThreadPoolExecutor(_PARALLEL_CALLS) as pool:
            every = pool.map(lambda item: _sighting(target, *item), seen.items())  # noqa: B023 - used up within the loop
            there = dict(zip(seen, every, strict=True))
        if detect:
            for layer in look_for_drift(target, target.stacks):
                there[layer.layer] = replace(there[layer.layer], drift=_drift(layer))
        found |= {(target.environment, layer): one for layer, one in there.items()}
    return found


def _drift(layer: LayerDrift) -> str:
    """The stack's drift state; not in sync if nothing of it could be checked."""
    if layer.drifted:
        return DRIFTED
    looked_at = any(resource.status == IN_SYNC for resource in layer.resources)
    return IN_SYNC if looked_at else NOT_CHECKED


def _sighting(target: Target, layer: str, state: StackState) -> Observed:
    if not usable(state.status):
        return Observed("", {}, state.status)
    text = target.cloudformation(target.stacks[layer]).template(state.stack_id)
    return Observed(
        template_sha256(text), state.parameters or {}, state.status, state.drift or NOT_CHECKED
    )
