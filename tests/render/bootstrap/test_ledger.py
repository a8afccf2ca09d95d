"""The ledger: locked, encrypted, closed, and read over TLS only."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


def test_nobody_reaches_it_without_tls(template: Template) -> None:
    policy = template.resources["LedgerBucketPolicy"]["Properties"]["PolicyDocument"]
    conditions = [one["Condition"] for one in policy["Statement"] if one["Effect"] == "Deny"]
    assert conditions == [
        {"Bool": {"aws:SecureTransport": "false"}},
        {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
    ]
