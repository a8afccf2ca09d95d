"""What CloudWatch Logs adds to a bucket's policy is told apart from what anybody else adds."""

from __future__ import annotations

from typing import Any

import pytest

from tapgen.model.deployed.log_delivery import added_by_delivery, without_additions

ACCOUNT = "111111111111"
ADDED: dict[str, Any] = {
    "Sid": "AWSLogDeliveryWrite1",
    "Effect": "Allow",
    "Principal": {"Service": "delivery.logs.amazonaws.com"},
    "Action": "s3:PutObject",
    "Resource": "arn:aws:s3:::logs/AWSLogs/111111111111/*",
    "Condition": {
        "StringEquals": {
            "s3:x-amz-acl": "bucket-owner-full-control",
            "aws:SourceAccount": [ACCOUNT],
        },
        "ArnLike": {"aws:SourceArn": "arn:aws:logs:us-east-1:111111111111:delivery-source:*"},
    },
}
OWN = {"Sid": "DenyWithoutTls", "Effect": "Deny", "Principal": "*", "Action": "s3:*"}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"Sid": "AWSLogsDeliveryAclCheck", "Action": ["s3:GetBucketAcl", "s3:ListBucket"]},
        {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}},
    ],
)
def test_a_statement_for_deliveries_of_the_account_is_one(more: dict[str, Any]) -> None:
    assert added_by_delivery({**ADDED, **more}, ACCOUNT)


@pytest.mark.parametrize(
    "more",
    [
        {"Sid": "Somebody"},
        {"Effect": "Deny"},
        {"Principal": {"Service": ["delivery.logs.amazonaws.com", "x.amazonaws.com"]}},
        {"Principal": "*"},
        {"Action": ["s3:PutObject", "s3:GetObject"]},
        {"Action": None},
        {"Condition": {}},
        {"Condition": {"StringEquals": {"aws:SourceAccount": "222222222222"}}},
    ],
)
def test_anything_wider_is_none(more: dict[str, Any]) -> None:
    assert not added_by_delivery({**ADDED, **more}, ACCOUNT)


def test_a_policy_is_left_without_what_was_added_and_not_declared() -> None:
    policy = {"Version": "2012-10-17", "Statement": [OWN, ADDED]}
    assert without_additions(policy, {"Statement": [OWN, "?"]}, ACCOUNT)["Statement"] == [OWN]
    declared = {"Statement": [OWN, {"Sid": ADDED["Sid"]}]}
    assert without_additions(policy, declared, ACCOUNT) == policy
    assert without_additions({}, {}, ACCOUNT) == {}


def test_no_text_is_a_statement() -> None:
    assert not added_by_delivery("null", ACCOUNT)
