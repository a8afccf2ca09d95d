"""Queues and their policies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tapgen.aws.readers.values import Properties, Whole, only, tags
from tapgen.aws.resources.retained import Region


def queue(region: Region, url: str, declared: Mapping[str, Any]) -> Properties:
    client = region.client("sqs")
    found = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {
        "QueueName": found["QueueArn"].rpartition(":")[2],
        "KmsMasterKeyId": found.get("KmsMasterKeyId"),
        "MessageRetentionPeriod": found["MessageRetentionPeriod"],
        "Tags": tags(client.list_queue_tags(QueueUrl=url).get("Tags", {}), declared),
    }


def queue_policy(region: Region, _: str, declared: Mapping[str, Any]) -> Properties:
    url = only(declared["Queues"])
    found = region.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    return {"PolicyDocument": Whole(json.loads(found.get("Attributes", {}).get("Policy", "{}")))}
