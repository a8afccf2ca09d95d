"""Statements that refuse, as IAM reads them."""

from __future__ import annotations

from typing import Any

from awacs import sqs
from troposphere import encode_to_dict

from tapgen.render.denials import bucket_over_tls, deny_without_tls


def written(*statements: Any) -> Any:
    return encode_to_dict([*statements])


def test_a_bucket_takes_nothing_without_tls_and_nothing_older_than_1_2() -> None:
    arn = "arn:aws:s3:::logs"
    made = written(*bucket_over_tls(arn))
    assert [one["Condition"] for one in made] == [
        {"Bool": {"aws:SecureTransport": "false"}},
        {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
    ]
    for one in made:
        assert one["Effect"] == "Deny"
        assert one["Principal"] == {"AWS": ["*"]}
        assert one["Action"] == ["s3:*"]
        assert one["Resource"] == [arn, {"Fn::Sub": ["${Bucket}/*", {"Bucket": arn}]}]


def test_one_action_may_be_refused_alone() -> None:
    queue = "arn:aws:sqs:us-east-1:111111111111:jobs"
    (made,) = written(deny_without_tls(sqs.SendMessage, queue))
    assert (made["Action"], made["Resource"]) == (["sqs:SendMessage"], [queue])
