from __future__ import annotations

from collections.abc import Iterator

from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rule, literals


def _check(template: Template) -> Iterator[Problem]:
    for path, text in literals(template):
        if (path[-1] == "Ref" and text == "AWS::StackName") or "${AWS::StackName}" in text:
            message = "uses AWS::StackName: a resource that does cannot move to another stack"
            yield Problem(path, f"{message}; use the Prefix parameter")


RULE = Rule("T005", "stack-name", "error", "No resource depends on its stack's name.", _check)
