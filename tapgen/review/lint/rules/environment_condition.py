from __future__ import annotations

from collections.abc import Iterator

from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rule, effective_nodes

_NAMES = frozenset({"name", "prefix"})  # settings that tell which environment it is


def _check(template: Template) -> Iterator[Problem]:
    told = [name for name, setting in template.settings.items() if setting in _NAMES]
    for path, value in effective_nodes(template):
        if path[-1] != "Fn::Equals":
            continue
        for operand in value:
            if isinstance(operand, dict) and operand.get("Ref") in told:
                message = "decides by the environment's name: declare a setting that says what"
                yield Problem(path, f"{message} is different")


RULE = Rule(
    "T007",
    "environment-condition",
    "error",
    "Environments differ in settings, not because of their names.",
    _check,
)
