"""Topics, their policies and subscribers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tapgen.aws.readers.values import Properties, Whole, only, tags
from tapgen.aws.resources.retained import Region
from tapgen.aws.resources.tags import pairs


def topic(region: Region, arn: str, declared: Mapping[str, Any]) -> Properties:
    client = region.client("sns")
    found = client.get_topic_attributes(TopicArn=arn)["Attributes"]
    tagged = client.list_tags_for_resource(ResourceArn=arn)["Tags"]
    return {
        "TopicName": arn.rpartition(":")[2],
        "KmsMasterKeyId": found.get("KmsMasterKeyId"),
        "Tags": tags(pairs(tagged), declared),
    }


def topic_policy(region: Region, _: str, declared: Mapping[str, Any]) -> Properties:
    arn = only(declared["Topics"])
    found = region.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]
    return {"PolicyDocument": Whole(json.loads(found["Policy"]))}


def subscription(region: Region, _: str, declared: Mapping[str, Any]) -> Properties:
    """Found by its address: until it is confirmed, a subscription has no ARN of its own."""
    pages = region.client("sns").get_paginator("list_subscriptions_by_topic")
    found = [
        entry
        for page in pages.paginate(TopicArn=declared["TopicArn"])
        for entry in page["Subscriptions"]
        if entry["Endpoint"] == declared["Endpoint"]
    ]
    return {key: only(found)[key] for key in ("Endpoint", "Protocol", "TopicArn")}
