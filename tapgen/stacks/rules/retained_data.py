from __future__ import annotations

from collections.abc import Iterator

from tapgen.stacks.rules.rule import Problem, Rule
from tapgen.stacks.schemas import stateful_types
from tapgen.stacks.template import Template

_WANTED = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}


def _check(template: Template) -> Iterator[Problem]:
    for name, resource in template.resources.items():
        if resource["Type"] not in stateful_types():
            continue
        for policy, wanted in _WANTED.items():
            if resource.get(policy) != wanted:
                yield Problem(
                    ("Resources", name, policy),
                    f"{resource['Type']} holds data but {policy} is not {wanted}",
                )


RULE = Rule("T008", "retained-data", "error", "Data outlives its stack.", _check)
