from __future__ import annotations

import json
import re
from collections.abc import Iterator

from tapgen.review.lint.rules.rule import Placement, Problem, Rule

# CloudFormation quotas, and CreateChangeSet in its API reference.
_STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")
_MAX_TAGS = 50
_MAX_TAG_VALUE = 256
_MAX_POLICY_BYTES = 16_384


def _check(placement: Placement) -> Iterator[Problem]:
    stack = placement.stack
    if not _STACK_NAME.fullmatch(stack.name):
        yield Problem((), f"CloudFormation refuses {stack.name} as the name of a stack")
    if len(stack.tags) > _MAX_TAGS:
        yield Problem((), f"{len(stack.tags)} tags; a stack takes {_MAX_TAGS}")
    for key, value in stack.tags.items():
        if len(value) > _MAX_TAG_VALUE:
            yield Problem((), f"the tag {key} is longer than {_MAX_TAG_VALUE} characters")
    policy = len(json.dumps(stack.policy()).encode())
    if policy > _MAX_POLICY_BYTES:
        yield Problem((), f"a stack policy of {policy} bytes; the limit is {_MAX_POLICY_BYTES}")


RULE = Rule("T031", "stack-quota", "error", "CloudFormation accepts the stack.", _check)
