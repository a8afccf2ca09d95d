from __future__ import annotations

from collections.abc import Iterator

from tapgen.review.lint.rules.rule import Placement, Problem, Rule, literals

_IDENTIFYING = ("prefix", "domain")  # settings whose values belong to one environment only


def _check(placement: Placement) -> Iterator[Problem]:
    stack = placement.stack
    told = {
        value: name
        for name, value in stack.parameters.items()
        if value and stack.template.settings.get(name) in _IDENTIFYING
    }
    for path, text in literals(stack.template):
        for value, name in told.items():
            if value in text:
                yield Problem(path, f"has {value} baked in: use the parameter {name}")


RULE = Rule(
    "T033",
    "environment-literal",
    "error",
    "Nothing that belongs to one environment is baked into a template.",
    _check,
)
