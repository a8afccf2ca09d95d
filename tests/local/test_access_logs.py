"""Access logs of REST APIs: written through Firehose, where the key lets API Gateway write."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any, Final
from urllib.request import urlopen

import pytest

from tapgen.local.client import api_url
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.local.conftest import Account

ROLE: Final = (
    "arn:aws:iam::{account}:role/aws-service-role/ops.apigateway.amazonaws.com/"
    "AWSServiceRoleForAPIGateway"
)
ADMINISTRATION: Final = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::{account}:root"},
    "Action": "kms:*",
    "Resource": "*",
}


def writing(*actions: str, **differences: str) -> dict[str, Any]:
    """A statement that lets API Gateway write, as narrow as it can be."""
    condition = {
        "aws:PrincipalArn": ROLE,
        "kms:CallerAccount": "{account}",
        "kms:ViaService": "firehose.us-east-1.amazonaws.com",
        **differences,
    }
    return {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [*actions],
        "Resource": "*",
        "Condition": {"StringEquals": condition},
    }


BOTH: Final = writing("kms:Decrypt", "kms:GenerateDataKey")
DENIED: Final = {"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}


def key(account: Account, *statements: dict[str, Any]) -> str:
    text = json.dumps({"Version": "2012-10-17", "Statement": [ADMINISTRATION, *statements]})
    made = account.client("kms").create_key(Policy=text.replace("{account}", account.id))
    return str(made["KeyMetadata"]["Arn"])


def logged(account: Account, key_arn: str | None) -> list[str]:
    """What the log says of a call of an API whose stream is encrypted with the key."""
    account.client("s3").create_bucket(Bucket=f"logs-{account.id}")
    encryption: dict[str, Any] = {}
    if key_arn:
        chosen = {"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": key_arn}
        encryption = {"DeliveryStreamEncryptionConfigurationInput": chosen}
    account.client("firehose").create_delivery_stream(
        DeliveryStreamName="amazon-apigateway-a",
        DeliveryStreamType="DirectPut",
        ExtendedS3DestinationConfiguration={
            "RoleARN": f"arn:aws:iam::{account.id}:role/firehose",
            "BucketARN": f"arn:aws:s3:::logs-{account.id}",
            "Prefix": "log/",
        },
        **encryption,
    )
    stream = f"arn:aws:firehose:us-east-1:{account.id}:deliverystream/amazon-apigateway-a"
    status = call(account, stream, "$context.httpMethod $context.resourcePath $context.status")
    assert status == 200
    return list(lines(account))


def call(account: Account, destination: str, form: str) -> int:
    """Make an API with such a log, and call it."""
    gateway = account.client("apigateway")
    api = gateway.create_rest_api(name="a")["id"]
    (root,) = gateway.get_resources(restApiId=api)["items"]
    which = {"restApiId": api, "resourceId": root["id"], "httpMethod": "GET"}
    gateway.put_method(**which, authorizationType="NONE")
    gateway.put_integration(
        **which, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'}
    )
    gateway.put_method_response(**which, statusCode="200")
    gateway.put_integration_response(**which, statusCode="200")
    gateway.create_deployment(restApiId=api, stageName="v1")
    if destination:
        patches = {"destinationArn": destination, "format": form}
        gateway.update_stage(
            restApiId=api,
            stageName="v1",
            patchOperations=[
                {"op": "replace", "path": f"/accessLogSettings/{name}", "value": value}
                for name, value in patches.items()
            ],
        )
    url, _ = api_url(account.local, f"https://{api}.execute-api.us-east-1.amazonaws.com/v1/")
    with urlopen(url) as answer:  # noqa: S310 - loopback, http
        return int(answer.status)


def lines(account: Account) -> Iterator[str]:
    s3, bucket = account.client("s3"), f"logs-{account.id}"
    for found in s3.list_objects_v2(Bucket=bucket, Prefix="log/").get("Contents", []):
        body = s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read()
        yield (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode()


@pytest.mark.parametrize(
    "statements", [None, [BOTH], [writing("kms:Decrypt"), writing("kms:GenerateDataKey")]]
)
def test_a_call_is_logged_where_api_gateway_may_use_the_key(
    account: Account, statements: list[dict[str, Any]] | None
) -> None:
    key_arn = None if statements is None else key(account, *statements)
    logged(account, key_arn)
    assert wait_until(lambda: list(lines(account))) == ["GET / 200"]


@pytest.mark.parametrize(
    "statements",
    [
        [],  # the account's root is not everybody in it
        [writing("kms:GenerateDataKey")],
        [writing("kms:Decrypt", "kms:GenerateDataKey", **{"aws:PrincipalArn": "{account}"})],
        [
            writing(
                "kms:Decrypt",
                "kms:GenerateDataKey",
                **{"kms:ViaService": "sqs.us-east-1.amazonaws.com"},
            )
        ],
        [BOTH, DENIED],
    ],
)
def test_without_the_key_a_line_is_lost_and_nobody_is_told(
    account: Account, statements: list[dict[str, Any]]
) -> None:
    assert logged(account, key(account, *statements)) == []


@pytest.mark.parametrize("destination", ["", "arn:aws:logs:us-east-1:1:log-group:a"])
def test_only_streams_are_written_to(account: Account, destination: str) -> None:
    assert call(account, destination, "$context.status") == 200
