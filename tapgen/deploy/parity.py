"""Looking at the deployed stacks of several environments, for comparing them."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from tapgen.aws.stack_state import StackState
from tapgen.deploy.inspection import states
from tapgen.deploy.target import Target
from tapgen.stacks.parity import NOT_CHECKED, Sighting, template_sha256
from tapgen.stacks.status import usable

_PARALLEL_CALLS: Final = 4


def sightings(targets: Iterable[Target]) -> dict[tuple[str, str], Sighting]:
    """(environment, layer) -> what is deployed there, each read with that account's credentials.

    Raises `RefusedError` where credentials belong to another account.
    """
    found: dict[tuple[str, str], Sighting] = {}
    for target in targets:
        seen = states(target, target.stacks)
        with ThreadPoolExecutor(_PARALLEL_CALLS) as pool:
            every = pool.map(lambda item: _sighting(target, *item), seen.items())  # noqa: B023 - used up within the loop
            found |= zip(((target.environment, layer) for layer in seen), every, strict=True)
    return found


def _sighting(target: Target, layer: str, state: StackState) -> Sighting:
    if not usable(state.status):
        return Sighting("", {}, state.status)
    text = target.cloudformation(target.stacks[layer]).template(state.stack_id)
    return Sighting(
        template_sha256(text), state.parameters or {}, state.status, state.drift or NOT_CHECKED
    )
