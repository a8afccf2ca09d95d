from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rule, allow_statements, listed


def _check(template: Template) -> Iterator[Problem]:
    for path, statement in allow_statements(template):
        if "NotPrincipal" in statement:
            yield Problem((*path, "NotPrincipal"), "allows everybody but a few: name who may")
        if "*" in _principals(statement.get("Principal", [])):
            yield Problem((*path, "Principal"), "allows everybody: name who may")


def _principals(principal: Any) -> list[Any]:
    kinds = principal.values() if isinstance(principal, dict) else [principal]
    return [one for kind in kinds for one in listed(kind)]


RULE = Rule("T012", "any-principal", "error", "A policy names whom it allows.", _check)
