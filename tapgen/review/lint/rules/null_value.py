from __future__ import annotations

from collections.abc import Iterator

from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rule, effective_nodes


def _check(template: Template) -> Iterator[Problem]:
    for path, value in effective_nodes(template):
        if value is None:
            yield Problem(path, "is null, which CloudFormation refuses: use AWS::NoValue")


RULE = Rule("T016", "null-value", "error", "Nothing in a template is null.", _check)
