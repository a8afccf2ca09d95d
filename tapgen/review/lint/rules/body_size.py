from __future__ import annotations

from collections.abc import Iterator

from tapgen.model.templates.template import MAX_TEMPLATE_BODY_BYTES, Template
from tapgen.review.lint.rules.rule import Problem, Rule


def _check(template: Template) -> Iterator[Problem]:
    size = len(template.text.encode())
    if size > MAX_TEMPLATE_BODY_BYTES:
        yield Problem((), f"{size} bytes; CloudFormation takes {MAX_TEMPLATE_BODY_BYTES}")


RULE = Rule("T001", "body-size", "error", "A template fits into a request.", _check)
