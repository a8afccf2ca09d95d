from __future__ import annotations

from collections.abc import Iterator

from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rule


def _check(template: Template) -> Iterator[Problem]:
    if "cfn-lint" in template.document.get("Metadata", {}):
        message = "configures cfn-lint for the whole template: do it on the resource concerned"
        yield Problem(("Metadata", "cfn-lint"), message)


RULE = Rule(
    "T015",
    "blanket-suppression",
    "error",
    "Checks are suppressed on one resource at a time, with a reason.",
    _check,
)
