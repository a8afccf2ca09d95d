"""Who may write into a stream that is encrypted with a key of the customer's."""

from __future__ import annotations

from typing import Final

import pytest
from botocore.exceptions import ClientError

from tests.behaviour.account import Aws
from tests.behaviour.facts import documented, fact

GUIDE: Final = "https://docs.aws.amazon.com/firehose/latest/dev"
WRITE: Final = "firehose:PutRecord"
NEEDED: Final = ("kms:GenerateDataKey", "kms:Decrypt")


@pytest.fixture
def stream(aws: Aws) -> str:
    """The name of a stream that takes records and encrypts them."""
    bucket, name = aws.making("bucket", aws.name("bucket")), aws.making("stream", aws.name("s"))
    place = {} if aws.region == "us-east-1" else {"LocationConstraint": aws.region}
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=bucket, **({"CreateBucketConfiguration": place} if place else {}))
    role, key = aws.service_role("firehose"), aws.key()
    aws.settle()
    firehose = aws.client("firehose")
    firehose.create_delivery_stream(
        DeliveryStreamName=name,
        DeliveryStreamType="DirectPut",
        DeliveryStreamEncryptionConfigurationInput={
            "KeyType": "CUSTOMER_MANAGED_CMK",
            "KeyARN": key,
        },
        ExtendedS3DestinationConfiguration={
            "RoleARN": role,
            "BucketARN": f"arn:aws:s3:::{bucket}",
        },
    )

    def ready() -> bool:
        found = firehose.describe_delivery_stream(DeliveryStreamName=name)
        told = found["DeliveryStreamDescription"]
        encrypted = told["DeliveryStreamEncryptionConfiguration"]["Status"] == "ENABLED"
        return encrypted and bool(told["DeliveryStreamStatus"] == "ACTIVE")

    aws.until(ready, f"the stream {name}")
    return name


@fact(documented(f"{GUIDE}/security-best-practices.html"), seconds=180, dollars=0.02)
@pytest.mark.parametrize("lacking", NEEDED)
def test_who_writes_into_an_encrypted_stream_needs_its_key(
    aws: Aws, stream: str, lacking: str
) -> None:
    somebody = aws.somebody(WRITE, *(action for action in NEEDED if action != lacking))
    with pytest.raises(ClientError, match=lacking):
        somebody.client("firehose").put_record(
            DeliveryStreamName=stream, Record={"Data": b"a line"}
        )


@fact(documented(f"{GUIDE}/security-best-practices.html"), seconds=180, dollars=0.02)
def test_with_these_permissions_a_record_is_written(aws: Aws, stream: str) -> None:
    somebody = aws.somebody(WRITE, *NEEDED)
    answer = somebody.client("firehose").put_record(
        DeliveryStreamName=stream, Record={"Data": b"a line"}
    )
    assert answer["RecordId"]
