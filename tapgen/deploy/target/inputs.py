"""The inputs of a stack: what fills its parameters, and with what."""

from __future__ import annotations

from collections.abc import Mapping

from tapgen.model.layer import Source
from tapgen.model.stack import Stack

Outputs = Mapping[str, str]


def input_values(stack: Stack, outputs: Mapping[str, Outputs]) -> dict[str, str]:
    """Parameter -> value of the output that fills it; optional ones only where there is a value."""
    values = {
        parameter: outputs.get(source.producer, {}).get(source.output)
        for parameter, source in stack.inputs.items()
    }
    return {parameter: value for parameter, value in values.items() if value is not None}


def missing_inputs(stack: Stack, outputs: Mapping[str, Outputs]) -> tuple[Source, ...]:
    """The inputs that have no value (yet) and need one, each once."""
    return tuple(
        source
        for source in dict.fromkeys(stack.inputs.values())
        if not source.optional and source.output not in outputs[source.producer]
    )
