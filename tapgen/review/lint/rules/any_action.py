from __future__ import annotations

from collections.abc import Iterator

from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rule, allow_statements, listed


def _check(template: Template) -> Iterator[Problem]:
    for path, statement in allow_statements(template):
        if "NotAction" in statement:
            yield Problem((*path, "NotAction"), "allows all actions but a few: name the actions")
        for action in listed(statement.get("Action", [])):
            if "*" in action:
                yield Problem((*path, "Action"), f"allows {action}: name the actions")


RULE = Rule("T013", "any-action", "error", "A policy names the actions it allows.", _check)
