from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tapgen.aws.permission import advice, lacks_permission


def error(operation: str, code: str, message: str = "") -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": message}}
    return ClientError(answer, operation)


@pytest.mark.parametrize(
    ("message", "missing"),
    [
        ("User: x is not authorized to perform: sqs:SendMessage on y", "sqs:SendMessage"),
        ("You are not authorized to perform this operation.", "ec2:DescribeVpcs"),
    ],
)
def test_the_missing_action_is_named_by_aws_or_by_the_table(message: str, missing: str) -> None:
    denied = error("DescribeVpcs", "UnauthorizedOperation", message)
    assert lacks_permission(denied)
    assert f"lack this permission: {missing}." in advice(denied)
    assert "tapgen iam-policy" in advice(denied)


def test_an_answer_without_a_body_is_told_by_what_the_call_takes() -> None:
    assert "kms:Decrypt or s3:GetObject or s3:ListBucket" in advice(error("HeadObject", "403"))


def test_what_nobody_knows_is_left_out() -> None:
    assert "lack this permission. `tapgen" in advice(error("DoSomething", "AccessDenied"))


def test_other_errors_lack_nothing() -> None:
    assert not lacks_permission(error("HeadObject", "404"))
