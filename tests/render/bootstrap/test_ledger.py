"""The ledger: locked, encrypted, closed, and read over TLS only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tapgen.model.templates.template import Template


def test_records_are_locked_as_long_as_the_project_says(template: Template) -> None:
    properties = template.resources["LedgerBucket"]["Properties"]
    assert properties["ObjectLockEnabled"] is True
    assert properties["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == {
        "Days": {"Ref": "LedgerDays"},
        "Mode": {"Ref": "LedgerMode"},
    }
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}


def test_it_is_closed_encrypted_and_stays(template: Template) -> None:
    bucket = template.resources["LedgerBucket"]
    assert set(bucket["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}
    (rule,) = bucket["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert bucket["DeletionPolicy"] == "RetainExceptOnCreate"


def denied(template: Template) -> dict[str, dict[str, Any]]:
    """What its policy denies, by the statement's name."""
    policy = template.resources["LedgerBucketPolicy"]["Properties"]["PolicyDocument"]
    assert {one["Effect"] for one in policy["Statement"]} == {"Deny"}
    assert {str(one["Principal"]) for one in policy["Statement"]} == {"{'AWS': ['*']}"}
    return {one["Sid"]: one for one in policy["Statement"]}


def test_nobody_reaches_it_without_tls(template: Template) -> None:
    statements = denied(template)
    assert {name: statements[name]["Condition"] for name in ("DenyWithoutTls", "DenyOldTls")} == {
        "DenyWithoutTls": {"Bool": {"aws:SecureTransport": "false"}},
        "DenyOldTls": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
    }
    for name in ("DenyWithoutTls", "DenyOldTls"):
        assert statements[name]["Action"] == ["s3:*"]


def test_nobody_puts_a_later_version_over_a_record(template: Template) -> None:
    statement = denied(template)["DenyOverwriting"]
    bucket = {"Fn::GetAtt": ["LedgerBucket", "Arn"]}
    assert statement["Action"] == ["s3:PutObject"]
    assert statement["Resource"] == [{"Fn::Sub": ["${Bucket}/*", {"Bucket": bucket}]}]
    assert statement["Condition"] == {
        "Null": {"s3:if-none-match": "true"},
        "Bool": {"s3:ObjectCreationOperation": "true"},
    }
