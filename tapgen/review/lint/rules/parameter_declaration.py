from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rule

_CONSTRAINTS = frozenset({"AllowedPattern", "AllowedValues"})
_BOUNDS = frozenset({"MinValue", "MaxValue"})


def _check(template: Template) -> Iterator[Problem]:
    for name, declaration in template.parameters.items():
        path = ("Parameters", name)
        if not declaration.get("Description"):
            yield Problem(path, f"{name} has no description")
        if not _constrained(declaration):
            yield Problem(path, f"{name} takes any value: give it a range, pattern or choice")


def _constrained(declaration: dict[str, Any]) -> bool:
    if "AWS::" in declaration["Type"]:  # CloudFormation looks the value up in the account
        return True
    return bool(_CONSTRAINTS & declaration.keys()) or declaration.keys() >= _BOUNDS


RULE = Rule(
    "T003",
    "parameter-declaration",
    "error",
    "Every parameter is described, and bounded by a range, a pattern or a choice.",
    _check,
)
