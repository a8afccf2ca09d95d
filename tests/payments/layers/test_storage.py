from __future__ import annotations

from typing import Any

import pytest

PURPOSES = {
    "ApiLogsBucket": "api-logs",
    "AccessLogsBucket": "access-logs",
    "ArtifactsBucket": "artifacts",
}
KEY_ARN = "arn:aws:kms:eu-west-1:111111111111:key/11111111-2222-3333-4444-555555555555"


def bucket(see: Any, title: str, **parameters: str) -> dict[str, Any]:
    properties: dict[str, Any] = see("storage", **parameters).resources[title]["Properties"]
    return properties


def statement(see: Any, title: str, sid: str) -> dict[str, Any]:
    policy = bucket(see, f"{title}Policy")["PolicyDocument"]
    (found,) = [one for one in policy["Statement"] if one["Sid"] == sid]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("title", PURPOSES)
def test_names_carry_account_and_region(see: Any, title: str) -> None:  # twelve things, 1
    name = f"payments-dev-{PURPOSES[title]}-111111111111-eu-west-1"
    assert bucket(see, title)["BucketName"] == name


@pytest.mark.parametrize("title", PURPOSES)
def test_every_bucket_is_closed_versioned_and_kept(see: Any, template: Any, title: str) -> None:
    properties = bucket(see, title)
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(properties["PublicAccessBlockConfiguration"]) == 4
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = properties["OwnershipControls"]["Rules"]
    assert rule == {"ObjectOwnership": "BucketOwnerEnforced"}
    resource = template("storage")["Resources"][title]
    assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
    assert resource["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize("title", ["ApiLogsBucket", "ArtifactsBucket"])
def test_encrypted_with_the_platforms_key(see: Any, title: str) -> None:
    (rule,) = bucket(see, title)["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule == {
        "BucketKeyEnabled": True,
        "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY_ARN},
    }


def test_access_logs_are_encrypted_with_what_s3_can_deliver_to(see: Any) -> None:
    (rule,) = bucket(see, "AccessLogsBucket")["BucketEncryption"][
        "ServerSideEncryptionConfiguration"
    ]
    assert rule == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}


@pytest.mark.parametrize("title", PURPOSES)
def test_what_nobody_sees_is_removed(see: Any, title: str) -> None:
    rules = {rule["Id"]: rule for rule in bucket(see, title)["LifecycleConfiguration"]["Rules"]}
    noncurrent = rules["expire-noncurrent-versions"]["NoncurrentVersionExpiration"]
    assert noncurrent == {"NoncurrentDays": "7"}
    assert rules["remove-delete-markers"]["ExpiredObjectDeleteMarker"] is True
    assert rules["abort-incomplete-uploads"]["AbortIncompleteMultipartUpload"] == {
        "DaysAfterInitiation": 1
    }
    assert {rule["Status"] for rule in rules.values()} == {"Enabled"}


@pytest.mark.parametrize("title", ["ApiLogsBucket", "AccessLogsBucket"])
def test_logs_expire_after_the_retention_setting(
    see: Any, template: Any, title: str
) -> None:  # twelve things, 11
    for environment, days in (("dev", "7"), ("staging", "30"), ("prod", "90")):
        rules = bucket(see, title, environment=environment)["LifecycleConfiguration"]["Rules"]
        assert [rule["ExpirationInDays"] for rule in rules if rule["Id"] == "expire"] == [days]
    assert (
        template("storage")["Metadata"]["tapgen"]["Settings"]["LogsDays"] == "retention.logs_days"
    )


def test_code_in_use_never_expires(see: Any) -> None:
    rules = bucket(see, "ArtifactsBucket")["LifecycleConfiguration"]["Rules"]
    assert not any("ExpirationInDays" in rule for rule in rules)


@pytest.mark.parametrize(
    ("title", "prefix"), [("ApiLogs", "api-logs/"), ("Artifacts", "artifacts/")]
)
def test_accesses_are_logged(see: Any, template: Any, title: str, prefix: str) -> None:
    logging = bucket(see, f"{title}Bucket")["LoggingConfiguration"]
    assert str(logging["DestinationBucketName"]) == "{AccessLogsBucket}"
    assert logging["LogFilePrefix"] == prefix
    resource = template("storage")["Resources"][f"{title}Bucket"]
    assert resource["DependsOn"] == "AccessLogsBucketPolicy"


def test_the_log_of_accesses_does_not_log_itself(see: Any) -> None:
    assert "LoggingConfiguration" not in bucket(see, "AccessLogsBucket")


@pytest.mark.parametrize("title", PURPOSES)
@pytest.mark.parametrize(
    ("sid", "condition"),
    [
        ("DenyWithoutTls", {"Bool": {"aws:SecureTransport": "false"}}),
        ("DenyOldTls", {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
    ],
)
def test_tls_only(see: Any, title: str, sid: str, condition: dict[str, Any]) -> None:
    denial = statement(see, title, sid)
    assert (denial["Effect"], denial["Action"]) == ("Deny", ["s3:*"])
    assert denial["Condition"] == condition
    assert [str(resource) for resource in denial["Resource"]] == [
        f"{{{title}.Arn}}",
        "{{" + title + ".Arn}/*}",
    ]


def test_s3_delivers_access_logs_of_the_two_buckets(see: Any) -> None:
    delivery = statement(see, "AccessLogsBucket", "AccessLogDelivery")
    assert delivery["Principal"] == {"Service": ["logging.s3.amazonaws.com"]}
    assert delivery["Action"] == ["s3:PutObject"]
    assert delivery["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111111111111"},
        "ArnLike": {
            "aws:SourceArn": [
                f"arn:aws:s3:::payments-dev-{purpose}-111111111111-eu-west-1"
                for purpose in ("api-logs", "artifacts")
            ]
        },
    }


def test_cloudfront_logs_are_delivered_from_us_east_1(see: Any) -> None:
    delivery = statement(see, "ApiLogsBucket", "LogDelivery")
    assert delivery["Principal"] == {"Service": ["delivery.logs.amazonaws.com"]}
    assert delivery["Action"] == ["s3:PutObject"]
    assert delivery["Condition"] == {
        "StringEquals": {
            "aws:SourceAccount": "111111111111",
            "s3:x-amz-acl": "bucket-owner-full-control",
        },
        "ArnLike": {"aws:SourceArn": "arn:aws:logs:us-east-1:111111111111:delivery-source:*"},
    }
    (resource,) = delivery["Resource"]
    assert str(resource).endswith("/AWSLogs/111111111111/*}")


def test_nobody_but_log_delivery_is_let_in_by_policy(template: Any) -> None:
    for title in PURPOSES:
        policy = template("storage")["Resources"][f"{title}Policy"]["Properties"]["PolicyDocument"]
        allowed = {s["Sid"] for s in policy["Statement"] if s["Effect"] == "Allow"}
        assert allowed <= {"AccessLogDelivery", "LogDelivery"}
