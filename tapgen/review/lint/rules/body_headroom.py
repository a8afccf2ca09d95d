from __future__ import annotations

from collections.abc import Iterator

from tapgen.model.templates.template import MAX_TEMPLATE_BODY_BYTES, Template
from tapgen.review.lint.rules.rule import Problem, Rule

_COMFORTABLE_BYTES = 48_800  # leaves room for two more endpoints, about 1,200 bytes each


def _check(template: Template) -> Iterator[Problem]:
    size = len(template.text.encode())
    if _COMFORTABLE_BYTES < size <= MAX_TEMPLATE_BODY_BYTES:
        yield Problem((), f"{size} bytes, close to the limit of {MAX_TEMPLATE_BODY_BYTES}")


RULE = Rule("T002", "body-headroom", "warning", "A template has room to grow.", _check)
