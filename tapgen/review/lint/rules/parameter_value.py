from __future__ import annotations

from collections.abc import Iterator

from tapgen.model.templates.parameter_values import value_faults
from tapgen.review.lint.rules.rule import Placement, Problem, Rule


def _check(placement: Placement) -> Iterator[Problem]:
    stack = placement.stack
    for name, declaration in stack.template.parameters.items():
        path = ("Parameters", name)
        value = stack.parameters.get(name, declaration.get("Default"))
        if name in stack.inputs:
            continue  # known only in a deployment, and checked by CloudFormation then
        if value is None:
            yield Problem(path, f"{name} gets no value from a setting, an input or a default")
            continue
        setting = stack.template.settings.get(name, "default")
        for fault in value_faults(declaration, str(value)):
            yield Problem(path, f"{name} = {str(value)[:60]!r} ({setting}) {fault}")


RULE = Rule(
    "T030",
    "parameter-value",
    "error",
    "Every value satisfies the parameter's declaration: schema and template agree.",
    _check,
)
