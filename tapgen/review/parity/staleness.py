"""Stale inputs: their source was deployed again, and the stack that reads it was not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tapgen.model.changes.secrets import MASK
from tapgen.model.layer import Source
from tapgen.model.stack import Stack


@dataclass(frozen=True)
class StaleInput:
    """A parameter that was deployed with `held`, while its source now has `current`."""

    parameter: str
    source: Source
    held: str
    current: str


def stale_inputs(
    stack: Stack, deployed: Mapping[str, str], outputs: Mapping[str, Mapping[str, str]]
) -> tuple[StaleInput, ...]:
    """The stale inputs of a stack that is deployed with these parameters, sorted by parameter.

    `outputs` has the current values by producer. An input without a value there is not stale, nor
    is a secret, whose value AWS does not return.
    """
    return tuple(
        StaleInput(name, source, deployed[name], current)
        for name, source in sorted(stack.inputs.items())
        if (current := outputs.get(source.producer, {}).get(source.output)) is not None
        and deployed.get(name, MASK) not in {MASK, current}
    )
