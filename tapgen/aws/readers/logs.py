"""Log groups, and the delivery of logs that services send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tapgen.aws.readers.values import Properties, only, renamed, tags
from tapgen.aws.resources.retained import Region

_GROUP: Final = {
    "logGroupName": "LogGroupName",
    "retentionInDays": "RetentionInDays",
    "kmsKeyId": "KmsKeyId",
}


def log_group(region: Region, name: str, declared: Mapping[str, Any]) -> Properties:
    client = region.client("logs")
    groups = client.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    found = only([group for group in groups if group["logGroupName"] == name])
    arn = found["arn"].removesuffix(":*")
    return {
        "RetentionInDays": None,  # kept for ever, unless it says otherwise
        "KmsKeyId": None,
        **renamed(found, _GROUP),
        "DeletionProtectionEnabled": found.get("deletionProtectionEnabled", False),
        "Tags": tags(client.list_tags_for_resource(resourceArn=arn)["tags"], declared),
    }


def log_stream(region: Region, name: str, declared: Mapping[str, Any]) -> Properties:
    group = declared["LogGroupName"]
    streams = region.client("logs").describe_log_streams(
        logGroupName=group, logStreamNamePrefix=name
    )["logStreams"]
    found = only([stream for stream in streams if stream["logStreamName"] == name])
    return {"LogGroupName": group, "LogStreamName": found["logStreamName"]}


def delivery_source(region: Region, name: str, _: Mapping[str, Any]) -> Properties:
    found = region.client("logs").get_delivery_source(name=name)["deliverySource"]
    return {
        "Name": found["name"],
        "LogType": found["logType"],
        "ResourceArn": only(found["resourceArns"]),
    }


def delivery_destination(region: Region, name: str, _: Mapping[str, Any]) -> Properties:
    found = region.client("logs").get_delivery_destination(name=name)["deliveryDestination"]
    return {
        "Name": found["name"],
        "OutputFormat": found.get("outputFormat"),
        "DestinationResourceArn": found["deliveryDestinationConfiguration"][
            "destinationResourceArn"
        ],
    }


def delivery(region: Region, delivery_id: str, declared: Mapping[str, Any]) -> Properties:
    """The service may put its own folders before the declared suffix of the path."""
    found = region.client("logs").get_delivery(id=delivery_id)["delivery"]
    path = found.get("s3DeliveryConfiguration", {}).get("suffixPath", "")
    suffix = declared.get("S3SuffixPath", "")
    return {
        "DeliverySourceName": found["deliverySourceName"],
        "DeliveryDestinationArn": found["deliveryDestinationArn"],
        "S3SuffixPath": suffix if path.endswith(suffix) else path,
        "RecordFields": found.get("recordFields"),
    }
