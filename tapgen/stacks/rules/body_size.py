from __future__ import annotations

from collections.abc import Iterator

from tapgen.stacks.rules.rule import Problem, Rule
from tapgen.stacks.template import MAX_TEMPLATE_BODY_BYTES, Template


def _check(template: Template) -> Iterator[Problem]:
    size = len(template.text.encode())
    if size > MAX_TEMPLATE_BODY_BYTES:
        yield Problem((), f"{size} bytes; CloudFormation takes {MAX_TEMPLATE_BODY_BYTES}")


RULE = Rule("T001", "body-size", "error", "A template fits into a request.", _check)
