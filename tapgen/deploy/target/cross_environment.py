"""Inputs that outputs of other environments fill: what is wrong with them, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from tapgen.errors import TapgenError
from tapgen.model.changes.secrets import MASK
from tapgen.model.graph import ancestors
from tapgen.model.layer import OutputRef
from tapgen.model.stack import Stack
from tapgen.model.templates.parameter_values import value_faults

if TYPE_CHECKING:
    from tapgen.deploy.target.target import Target


def refuse_unfit(stack: Stack, parameters: Mapping[str, str]) -> None:
    """Raise `TapgenError` where what another environment gives does not fit the setting."""
    faults = [
        f"setting {stack.template.settings[name]}: {source} is {parameters[name]!r}, which {fault}"
        for name, source in stack.cross_environment_inputs.items()
        for fault in value_faults(stack.template.parameters[name], parameters[name])
    ]
    if faults:
        raise TapgenError(
            f"{stack.layer}: {'; '.join(faults)}",
            f"Name another output in the settings of {stack.environment}, or write a value.",
        )


def not_deployed(
    target: Target,
    layer: str,
    missing: Sequence[OutputRef],
    again_with: Callable[[Collection[str]], str],
) -> TapgenError:
    """The error for a layer whose inputs nobody gives.

    `again_with` gives the command that does the same with more layers.
    """
    own = {source.layer for source in missing if not source.environment}
    again = again_with(own.union(*(ancestors(target.graph, name) for name in own)))
    others = sorted({(s.environment, s.layer) for s in missing if s.environment})
    first = [f"`{target.other(name).command('deploy', '--layer', of)}`" for name, of in others]
    return TapgenError(
        f"{layer} needs {', '.join(map(str, missing))}, which is not deployed",
        f"First {' and '.join(first)}, then `{again}`."
        if first
        else f"`{again}` deploys {', '.join(sorted(own))} too.",
    )


def cross_environment_outputs(target: Target, stack: Stack) -> dict[str, Mapping[str, str]]:
    """Producer ("prod.zone") -> outputs, as that environment has them now."""
    producers = dict.fromkeys(source.producer for source in stack.cross_environment_inputs.values())
    return {producer: target.outputs(producer) or {} for producer in producers}


def changed_since(target: Target, stack: Stack, before: Mapping[str, str]) -> Iterator[str]:
    """What other environments give otherwise than `before`, in words."""
    outputs = cross_environment_outputs(target, stack)
    for name, source in stack.cross_environment_inputs.items():
        old, now = before.get(name), outputs[source.producer].get(source.output)
        if old not in {now, MASK}:
            yield f"{source} was {old}, is {now or 'not deployed'}"
