"""The inputs of a stack: the values for its parameters from outputs of other stacks."""

from __future__ import annotations

from collections.abc import Mapping

from tapgen.model.layer import Source
from tapgen.model.stack import Stack

Outputs = Mapping[str, str]


def input_values(stack: Stack, outputs: Mapping[str, Outputs]) -> dict[str, str]:
    """Parameter -> value of the output that fills it; optional ones only if there is a value."""
    values = {
        parameter: outputs.get(source.producer, {}).get(source.output)
        for parameter, source in stack.inputs.items()
    }
    return {parameter: value for parameter, value in values.items() if value is not None}


def missing_inputs(stack: Stack, outputs: Mapping[str, Outputs]) -> tuple[Source, ...]:
    """The required inputs that have no value (yet), each once."""
    return tuple(
        source
        for source in dict.fromkeys(stack.inputs.values())
        if not source.optional and source.output not in outputs[source.producer]
    )
