"""Buckets and their policies."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from tapgen.aws.errors import code_of
from tapgen.aws.readers.values import Properties, Whole, renamed, tags
from tapgen.aws.resources.retained import Region
from tapgen.aws.resources.tags import pairs
from tapgen.model.deployed.log_delivery import without_additions

# S3's error codes if a bucket exists but the requested setting does not.
_UNSET: Final = frozenset(
    {
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "NoSuchTagSet",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)
_RULE: Final = {
    "ID": "Id",
    "Status": "Status",
    "AbortIncompleteMultipartUpload": "AbortIncompleteMultipartUpload",
    "NoncurrentVersionExpiration": "NoncurrentVersionExpiration",
}
_EXPIRATION: Final = {
    "Days": "ExpirationInDays",
    "ExpiredObjectDeleteMarker": "ExpiredObjectDeleteMarker",
}
_LOGGING: Final = {"TargetBucket": "DestinationBucketName", "TargetPrefix": "LogFilePrefix"}


def bucket(region: Region, name: str, declared: Mapping[str, Any]) -> Properties:
    client = region.client("s3")
    client.head_bucket(Bucket=name, ExpectedBucketOwner=region.account.account_id)

    def ask(call: Callable[..., Any]) -> Mapping[str, Any]:
        return _ask(call, Bucket=name, ExpectedBucketOwner=region.account.account_id)

    encryption = ask(client.get_bucket_encryption).get("ServerSideEncryptionConfiguration", {})
    ownership = ask(client.get_bucket_ownership_controls).get("OwnershipControls", {})
    lifecycle = ask(client.get_bucket_lifecycle_configuration).get("Rules", [])
    logging = ask(client.get_bucket_logging).get("LoggingEnabled", {})
    public = ask(client.get_public_access_block).get("PublicAccessBlockConfiguration", {})
    return {
        "BucketName": name,
        "VersioningConfiguration": {"Status": ask(client.get_bucket_versioning).get("Status")},
        "PublicAccessBlockConfiguration": public,
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": _encryption(encryption.get("Rules", []))
        },
        "OwnershipControls": {"Rules": ownership.get("Rules", [])},
        "LifecycleConfiguration": {"Rules": [_lifecycle_rule(rule) for rule in lifecycle]},
        "LoggingConfiguration": renamed(logging, _LOGGING) or None,
        "Tags": tags(pairs(ask(client.get_bucket_tagging).get("TagSet", [])), declared),
    }


def bucket_policy(region: Region, _: str, declared: Mapping[str, Any]) -> Properties:
    found = region.client("s3").get_bucket_policy(Bucket=declared["Bucket"])
    policy = json.loads(found["Policy"])
    wanted = declared.get("PolicyDocument")
    known = wanted if isinstance(wanted, Mapping) else {}
    return {"PolicyDocument": Whole(without_additions(policy, known, region.account.account_id))}


def _ask(call: Callable[..., Any], **arguments: str) -> Mapping[str, Any]:
    try:
        answer: Mapping[str, Any] = call(**arguments)
    except ClientError as error:
        if code_of(error) in _UNSET:
            return {}
        raise
    return answer


def _encryption(rules: list[Mapping[str, Any]]) -> list[Properties]:
    names = {"SSEAlgorithm": "SSEAlgorithm", "KMSMasterKeyID": "KMSMasterKeyID"}
    return [
        {
            "ServerSideEncryptionByDefault": renamed(
                rule.get("ApplyServerSideEncryptionByDefault", {}), names
            ),
            "BucketKeyEnabled": rule.get("BucketKeyEnabled", False),
        }
        for rule in rules
    ]


def _lifecycle_rule(rule: Mapping[str, Any]) -> Properties:
    return {**renamed(rule, _RULE), **renamed(rule.get("Expiration", {}), _EXPIRATION)}
