from __future__ import annotations

from collections.abc import Iterator

from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rule, resources

_WANTED = {"RetentionInDays": "keeps its events for ever", "KmsKeyId": "is not encrypted by a key"}


def _check(template: Template) -> Iterator[Problem]:
    for path, properties in resources(template, "AWS::Logs::LogGroup"):
        for wanted, otherwise in _WANTED.items():
            if wanted not in properties:
                yield Problem(path, f"log group without {wanted} {otherwise}")


RULE = Rule("T010", "log-group", "error", "Log groups have a retention and a key.", _check)
