"""Keys and aliases."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tapgen.aws.readers.values import Properties, Whole, tags
from tapgen.aws.resources.retained import Region
from tapgen.aws.resources.tags import pairs


def key(region: Region, key_id: str, declared: Mapping[str, Any]) -> Properties:
    client = region.client("kms")
    found = client.describe_key(KeyId=key_id)["KeyMetadata"]
    rotation = client.get_key_rotation_status(KeyId=key_id)
    policy = client.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"]
    tagged = client.list_resource_tags(KeyId=key_id)["Tags"]
    return {
        "Description": found["Description"],
        "KeyPolicy": Whole(json.loads(policy)),
        "Tags": tags(pairs(tagged, "TagKey", "TagValue"), declared),
        "EnableKeyRotation": rotation["KeyRotationEnabled"],
        "RotationPeriodInDays": rotation.get("RotationPeriodInDays"),
        "State": found["KeyState"],
    }


def alias(region: Region, name: str, _: Mapping[str, Any]) -> Properties:
    found = region.client("kms").describe_key(KeyId=name)["KeyMetadata"]
    return {"AliasName": name, "TargetKeyId": found["KeyId"]}
