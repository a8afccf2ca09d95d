from __future__ import annotations

from collections.abc import Iterator

from tapgen.model.layer import OutputRef
from tapgen.model.stack import Stack
from tapgen.model.templates.intrinsics import Resolver
from tapgen.render.examples import input_values
from tapgen.review.lint.rules.rule import Placement, Problem, Rule


def _check(placement: Placement) -> Iterator[Problem]:
    for name, source in placement.stack.inputs.items():
        if source.environment:
            continue  # checked where the setting is read
        sibling = placement.siblings.get(source.layer)
        fault = _fault(sibling, source) if sibling else "the layer is left out"
        if fault:
            yield Problem(("Parameters", name), f"{name} has no source: {source}, but {fault}")


def _fault(stack: Stack, source: OutputRef) -> str:
    output = stack.template.outputs.get(source.output)
    if output is None:
        return "the layer has no such output"
    resolver = Resolver(
        stack.template.document,
        {**stack.parameters, **input_values(stack)},
        stack.account_id,
        stack.region,
    )
    if "Condition" in output and not resolver.condition(output["Condition"]):
        return "the output's condition does not hold"
    return ""


RULE = Rule("T032", "input-source", "error", "Every input is given by another layer.", _check)
