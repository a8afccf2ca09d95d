from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tapgen.model.templates.stateful import marked, regenerable
from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rule
from tapgen.review.schemas import stateful_types

_WANTED: Final = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
# A secret that was replaced has been given up.
_OF_REGENERABLE: Final = {**_WANTED, "UpdateReplacePolicy": "Delete"}


def _check(template: Template) -> Iterator[Problem]:
    for name, resource in template.resources.items():
        if marked(resource) and not regenerable(resource):
            yield Problem(
                ("Resources", name, "Metadata"),
                f"{resource['Type']} is marked as regenerable, which only a generated secret is",
            )
        if resource["Type"] not in stateful_types():
            continue
        wanted, what = _WANTED, "holds data"
        if regenerable(resource):
            wanted, what = _OF_REGENERABLE, "may be made anew"
        for policy, value in wanted.items():
            if resource.get(policy) != value:
                yield Problem(
                    ("Resources", name, policy),
                    f"{resource['Type']} {what} but {policy} is not {value}",
                )


RULE = Rule("T008", "retained-data", "error", "Data outlives its stack.", _check)
