"""Delivery streams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tapgen.aws.readers.values import Properties, only, renamed, tags
from tapgen.aws.resources.retained import Region
from tapgen.aws.resources.tags import pairs

_ENCRYPTION: Final = {"KeyARN": "KeyARN", "KeyType": "KeyType"}


def delivery_stream(region: Region, name: str, declared: Mapping[str, Any]) -> Properties:
    client = region.client("firehose")
    found = client.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]
    encryption = found.get("DeliveryStreamEncryptionConfiguration", {})
    tagged = client.list_tags_for_delivery_stream(DeliveryStreamName=name)["Tags"]
    return {
        "DeliveryStreamName": found["DeliveryStreamName"],
        "DeliveryStreamType": found["DeliveryStreamType"],
        "DeliveryStreamEncryptionConfigurationInput": renamed(encryption, _ENCRYPTION),
        "ExtendedS3DestinationConfiguration": only(found["Destinations"]).get(
            "ExtendedS3DestinationDescription", {}
        ),
        "Tags": tags(pairs(tagged), declared),
    }
