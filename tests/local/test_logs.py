"""CloudWatch Logs: deliveries, and groups that are protected."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.local.conftest import Account


def tagged(**tags: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def test_a_delivery_without_settings_takes_those_of_its_destination(account: Account) -> None:
    source = {
        "Type": "AWS::Logs::DeliverySource",
        "Properties": {
            "Name": "cdn",
            "LogType": "ACCESS_LOGS",
            "ResourceArn": {"Fn::Sub": "arn:aws:cloudfront::${AWS::AccountId}:distribution/E1"},
        },
    }
    destination = {
        "Type": "AWS::Logs::DeliveryDestination",
        "Properties": {"Name": "bucket", "DestinationResourceArn": "arn:aws:s3:::logs"},
    }
    delivery = {
        "Type": "AWS::Logs::Delivery",
        "DependsOn": "Source",
        "Properties": {
            "DeliverySourceName": "cdn",
            "DeliveryDestinationArn": {"Fn::GetAtt": ["Destination", "Arn"]},
        },
    }
    resources = {"Source": source, "Destination": destination, "Delivery": delivery}
    assert account.deploy("cdn", resources)["StackStatus"] == "CREATE_COMPLETE"
    (found,) = account.client("logs").describe_deliveries()["deliveries"]
    assert found["deliverySourceName"] == "cdn"
    assert not found.get("s3DeliveryConfiguration")


def test_a_delivery_adds_its_statement_to_the_policy_of_the_bucket_once(account: Account) -> None:
    s3, logs = account.client("s3"), account.client("logs")
    bucket = f"logs-{account.id}"
    s3.create_bucket(Bucket=bucket)
    arn = f"arn:aws:s3:::{bucket}"
    own = {"Sid": "Own", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": arn}
    s3.put_bucket_policy(
        Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [own]})
    )
    destination = logs.put_delivery_destination(
        name="bucket", deliveryDestinationConfiguration={"destinationResourceArn": arn}
    )["deliveryDestination"]["arn"]
    for name in ("one", "two"):
        distribution = f"arn:aws:cloudfront::{account.id}:distribution/{name}"
        logs.put_delivery_source(name=name, resourceArn=distribution, logType="ACCESS_LOGS")
        logs.create_delivery(deliverySourceName=name, deliveryDestinationArn=destination)
    with pytest.raises(ClientError, match="does not exist"):
        logs.create_delivery(deliverySourceName="none", deliveryDestinationArn=destination)
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    first, added = policy["Statement"]
    assert first == own
    assert added["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert added["Condition"]["StringEquals"]["aws:SourceAccount"] == account.id


def test_log_delivery_and_protected_log_groups(account: Account) -> None:
    logs = account.client("logs")

    def resources(fields: list[str], *, protected: bool) -> dict[str, Any]:
        return {
            "Group": {
                "Type": "AWS::Logs::LogGroup",
                "Properties": {
                    "LogGroupName": "/app",
                    "RetentionInDays": "30",
                    "DeletionProtectionEnabled": protected,
                },
            },
            "Source": {
                "Type": "AWS::Logs::DeliverySource",
                "Properties": {
                    "Name": "cdn",
                    "LogType": "ACCESS_LOGS",
                    "ResourceArn": {
                        "Fn::Sub": "arn:aws:cloudfront::${AWS::AccountId}:distribution/E1"
                    },
                    "Tags": tagged(a="1" if protected else "2"),
                },
            },
            "Destination": {
                "Type": "AWS::Logs::DeliveryDestination",
                "Properties": {
                    "Name": "bucket",
                    "DestinationResourceArn": "arn:aws:s3:::logs",
                    "OutputFormat": "json",
                    "Tags": tagged(a="1" if protected else "2"),
                },
            },
            "Delivery": {
                "Type": "AWS::Logs::Delivery",
                "DependsOn": "Source",
                "Properties": {
                    "DeliverySourceName": "cdn",
                    "DeliveryDestinationArn": {"Fn::GetAtt": ["Destination", "Arn"]},
                    "RecordFields": fields,
                    "FieldDelimiter": " ",
                    "S3SuffixPath": "{yyyy}",
                    "S3EnableHiveCompatiblePath": "true",
                },
            },
        }

    created = account.deploy("cdn", resources(["date"], protected=True))
    assert created["StackStatus"] == "CREATE_COMPLETE", account.reasons("cdn")
    with pytest.raises(ClientError, match="protected"):
        logs.delete_log_group(logGroupName="/app")
    (group,) = logs.describe_log_groups()["logGroups"]
    assert (group["deletionProtectionEnabled"], group["retentionInDays"]) == (True, 30)
    updated = account.deploy("cdn", resources(["date", "time"], protected=False))
    assert updated["StackStatus"] == "UPDATE_COMPLETE", account.reasons("cdn")
    (delivery,) = logs.describe_deliveries()["deliveries"]
    (source,) = logs.describe_delivery_sources()["deliverySources"]
    (destination,) = logs.describe_delivery_destinations()["deliveryDestinations"]
    assert delivery["recordFields"] == ["date", "time"]
    assert delivery["s3DeliveryConfiguration"]["enableHiveCompatiblePath"] is True
    assert (source["service"], source["tags"]["a"]) == ("cloudfront", "2")
    assert destination["deliveryDestinationType"] == "S3"
    with pytest.raises(ClientError, match="does not exist"):
        logs.put_log_group_deletion_protection(
            logGroupIdentifier="/none", deletionProtectionEnabled=True
        )
    assert account.delete("cdn")["StackStatus"] == "DELETE_COMPLETE"
    assert logs.describe_log_groups()["logGroups"] == []
