from __future__ import annotations

from typing import Any

import pytest

from tapgen.model.templates.template import Template, dense
from tests.review.lint.rules.stubs import (
    QUEUE,
    RETAINED,
    found,
    names,
    stack,
    template,
    told,
    with_resource,
)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (48_800, []),
        (48_801, ["body-headroom"]),
        (51_200, ["body-headroom"]),
        (51_201, ["body-size"]),
    ],
)
def test_size_of_the_body(size: int, expected: list[str]) -> None:
    text = template(Description="é").text  # two bytes each: the quota counts bytes
    text = text.replace("é", "é" + "x" * (size - len(dense(text).encode())), 1)
    assert len(dense(text).encode()) == size
    assert names(Template("data", text)) == expected


def test_white_space_does_not_count() -> None:
    text = template().text.replace("{", "{" + " " * 60_000, 1)
    assert names(Template("data", text)) == []


def test_cfn_lint_is_not_configured_for_a_whole_template() -> None:
    metadata = {"tapgen": {"Settings": {}}, "cfn-lint": {"config": {"ignore_checks": ["W"]}}}
    assert names(template(Metadata=metadata)) == ["blanket-suppression"]


def test_nothing_is_null() -> None:
    of = with_resource("AWS::SQS::Queue", {"QueueName": None}, **RETAINED)
    assert told(of) == [("null-value", "is null, which CloudFormation refuses: use AWS::NoValue")]


@pytest.mark.parametrize(
    ("rule", "reason", "expected"),
    [
        ("retained-data", "it is a cache", []),
        ("CKV_AWS_18", "it is a cache", []),
        ("CKV2_AWS_18", "it is a cache", []),
        ("DYNAMODB_PITR_ENABLED", "it is a cache", []),
        ("W3037", "it is a cache", []),
        (
            "retained-data",
            "",
            ["accepts retained-data without a reason: write why it is right here"],
        ),
        (
            "CKV_AWS_18",
            "a cache",
            ["accepts CKV_AWS_18 without a reason: write why it is right here"],
        ),
        ("PITR", "it is a cache", ["accepts PITR, which is not the name or id of a rule"]),
        ("CKV_18", "it is a cache", ["accepts CKV_18, which is not the name or id of a rule"]),
    ],
)
def test_what_is_accepted_is_a_rule_with_a_reason(
    rule: str, reason: str, expected: list[str]
) -> None:
    metadata = {"tapgen": {"Accepted": {"retained-data": "it is a cache", rule: reason}}}
    of = with_resource("AWS::SQS::Queue", {}, Metadata=metadata)
    assert [m for name, m in told(of) if name == "acceptance"] == expected


@pytest.mark.parametrize(
    ("differences", "expected"),
    [
        ({"name": "a" * 128}, ""),
        ({"name": "a" * 129}, "does not accept the stack name"),
        ({"name": "1-data"}, "does not accept the stack name"),
        ({"tags": {str(n): "v" for n in range(50)}}, ""),
        ({"tags": {str(n): "v" for n in range(51)}}, "51 tags; the limit is 50"),
        ({"tags": {"Project": "p" * 257}}, "the tag Project is longer than 256 characters"),
    ],
)
def test_quotas_of_a_stack(differences: dict[str, Any], expected: str) -> None:
    of = template()
    messages = [one.message for one in found(of, stack(of, **differences))]
    assert len(messages) == bool(expected)
    assert all(expected in message for message in messages)


def test_quota_of_the_stack_policy() -> None:
    queues = {f"Queue{'x' * 240}{n}": QUEUE for n in range(70)}
    of = template(Resources=queues)
    assert "stack-quota" in names(of, stack(of, protected=True))
    assert "stack-quota" not in names(of, stack(of, protected=False))
