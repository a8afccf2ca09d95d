"""Secrets: that they exist, and what encrypts them. Their values are never read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tapgen.aws.readers.values import AbsentError, Properties, tags
from tapgen.aws.resources.retained import Region
from tapgen.aws.resources.tags import pairs


def secret(region: Region, arn: str, declared: Mapping[str, Any]) -> Properties:
    found = region.client("secretsmanager").describe_secret(SecretId=arn)
    if found.get("DeletedDate"):
        raise AbsentError
    return {
        "Name": found["Name"],
        "Description": found.get("Description"),
        "KmsKeyId": found.get("KmsKeyId"),
        "ReplicaRegions": [
            {"Region": copy["Region"]} for copy in found.get("ReplicationStatus", [])
        ],
        "Tags": tags(pairs(found.get("Tags", [])), declared),
    }
