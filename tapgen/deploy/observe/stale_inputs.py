"""Finding stale inputs: values in deployed stacks that their sources no longer have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError
from tapgen.model.deployed.stack_status import usable
from tapgen.review.parity.staleness import StaleInput, stale_inputs

_STORE: Final = "Systems Manager"


@dataclass(frozen=True)
class Staleness:
    """Layer -> its stale inputs; and environment -> why it could not be read.

    Systems Manager counts as another environment, under its own name.
    """

    stale: Mapping[str, tuple[StaleInput, ...]] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)


def staleness(target: Target, found: Mapping[str, StackState]) -> Staleness:
    """Compare the inputs of the stacks of `found` with the current outputs of their sources.

    A source of another environment that cannot be read is reported, and is not an error.
    """
    deployed = {layer: state for layer, state in found.items() if usable(state.status)}
    outputs: dict[str, Mapping[str, str]] = {
        layer: state.outputs or {} for layer, state in deployed.items()
    }
    unread: dict[str, str] = {}
    sources = {s for layer in deployed for s in target.stacks[layer].inputs.values()}
    for source in sorted(sources, key=str):
        whose = source.environment or _STORE
        if source.producer in outputs or source.producer in found or whose in unread:
            continue
        try:
            outputs[source.producer] = target.outputs(source.producer) or {}
        except TapgenError as error:
            if not source.elsewhere:
                raise
            unread[whose] = error.message
    stale = {
        layer: inputs
        for layer, state in deployed.items()
        if (inputs := stale_inputs(target.stacks[layer], state.parameters or {}, outputs))
    }
    return Staleness(stale, unread)
