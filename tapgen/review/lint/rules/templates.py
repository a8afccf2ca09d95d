"""Rules about a template as a whole, and about its stacks."""

from __future__ import annotations

import json
import re
from typing import Final

from tapgen.model.layer import METADATA_KEY
from tapgen.model.templates.template import MAX_TEMPLATE_BODY_BYTES, Template, dense
from tapgen.review.lint.acceptance import acceptances
from tapgen.review.lint.rule_ids import ALL
from tapgen.review.lint.rules.rule import Placement, Problem, Problems, effective_nodes

_COMFORTABLE_BYTES: Final = 48_800  # leaves room for two more endpoints, about 1,200 bytes each
_FEWEST_WORDS: Final = 3  # "not needed" is an opinion
# CloudFormation quotas, and CreateChangeSet in its API reference.
_STACK_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")
_MAX_TAGS: Final = 50
_MAX_TAG_VALUE: Final = 256
_MAX_POLICY_BYTES: Final = 16_384


def body_size(template: Template) -> Problems:
    """A template fits into a request."""
    size = _size(template)
    if size > MAX_TEMPLATE_BODY_BYTES:
        yield Problem((), f"{size} bytes; CloudFormation accepts {MAX_TEMPLATE_BODY_BYTES}")


def body_headroom(template: Template) -> Problems:
    """A template has room to grow."""
    size = _size(template)
    if _COMFORTABLE_BYTES < size <= MAX_TEMPLATE_BODY_BYTES:
        yield Problem((), f"{size} bytes, close to the limit of {MAX_TEMPLATE_BODY_BYTES}")


def _size(template: Template) -> int:
    """Bytes that the template has at least, however it is written; counted only if it is large."""
    size = len(template.text.encode())
    return size if size <= _COMFORTABLE_BYTES else len(dense(template.text).encode())


def blanket_suppression(template: Template) -> Problems:
    """Checks are suppressed on one resource at a time, with a reason."""
    if "cfn-lint" in template.document.get("Metadata", {}):
        message = "configures cfn-lint for the whole template: do it on the resource concerned"
        yield Problem(("Metadata", "cfn-lint"), message)


def null_value(template: Template) -> Problems:
    """A template contains no null."""
    for path, value in effective_nodes(template):
        if value is None:
            yield Problem(path, "is null, which CloudFormation refuses: use AWS::NoValue")


def acceptance(template: Template) -> Problems:
    """An acceptance names a rule and a reason."""
    for one in acceptances(template):
        path = ("Resources", one.logical_id, "Metadata", METADATA_KEY, "Accepted", one.rule)
        if not any(pattern.fullmatch(one.rule) for pattern in ALL):
            yield Problem(path, f"accepts {one.rule}, which is not the name or id of a rule")
        if len(str(one.reason).split()) < _FEWEST_WORDS:
            yield Problem(path, f"accepts {one.rule} without a reason: write why it is right here")


def stack_quota(placement: Placement) -> Problems:
    """A stack stays within CloudFormation's limits."""
    stack = placement.stack
    if not _STACK_NAME.fullmatch(stack.name):
        yield Problem((), f"CloudFormation does not accept the stack name {stack.name}")
    if len(stack.tags) > _MAX_TAGS:
        yield Problem((), f"{len(stack.tags)} tags; the limit is {_MAX_TAGS}")
    for key, value in stack.tags.items():
        if len(value) > _MAX_TAG_VALUE:
            yield Problem((), f"the tag {key} is longer than {_MAX_TAG_VALUE} characters")
    policy = len(json.dumps(stack.policy()).encode())
    if policy > _MAX_POLICY_BYTES:
        yield Problem((), f"a stack policy of {policy} bytes; the limit is {_MAX_POLICY_BYTES}")
