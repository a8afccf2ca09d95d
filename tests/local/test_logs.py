"""CloudWatch Logs: deliveries, and groups that are protected."""

from __future__ import annotations

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
