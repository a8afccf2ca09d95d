from __future__ import annotations

from collections.abc import Iterator

from tapgen.model.layer import METADATA_KEY
from tapgen.model.templates.template import Template
from tapgen.review.lint.acceptance import acceptances
from tapgen.review.lint.rule_ids import ALL
from tapgen.review.lint.rules.rule import Problem, Rule

_FEWEST_WORDS = 3  # "not needed" is an opinion


def _check(template: Template) -> Iterator[Problem]:
    for one in acceptances(template):
        path = ("Resources", one.logical_id, "Metadata", METADATA_KEY, "Accepted", one.rule)
        if not any(pattern.fullmatch(one.rule) for pattern in ALL):
            yield Problem(path, f"accepts {one.rule}, which is no rule's name or id")
        if len(str(one.reason).split()) < _FEWEST_WORDS:
            yield Problem(path, f"accepts {one.rule} without a reason: say why it is right here")


RULE = Rule("T017", "acceptance", "error", "What is accepted is a rule, with a reason.", _check)
