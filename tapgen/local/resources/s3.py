"""S3 buckets: encryption, lifecycle, logging, ownership, tags. A non-empty one is not deleted."""

from __future__ import annotations

from typing import Any

from tapgen.local.caller import call
from tapgen.local.provisioner import Extension, Properties, changed, only, tag_list, truth

_LOCK = "ObjectLockConfiguration"
_RESERVED = ("amzn-s3-demo-", "sthree-", "xn--")


def _encrypt(bucket: str, setting: Any) -> None:
    if setting is None:
        call("s3", "DeleteBucketEncryption", Bucket=bucket)
        return
    rules = []
    for rule in setting["ServerSideEncryptionConfiguration"]:
        # CloudFormation's ServerSideEncryptionByDefault starts with Apply... in the API.
        by_default = rule.get("ServerSideEncryptionByDefault")
        applied = {"ApplyServerSideEncryptionByDefault": by_default} if by_default else {}
        rules.append({**applied, **only(rule, "BucketKeyEnabled")})
    call(
        "s3",
        "PutBucketEncryption",
        Bucket=bucket,
        ServerSideEncryptionConfiguration={"Rules": rules},
    )


def _expire(bucket: str, setting: Any) -> None:
    if setting is None:
        call("s3", "DeleteBucketLifecycle", Bucket=bucket)
        return
    rules = [_lifecycle_rule(rule) for rule in setting["Rules"]]
    call(
        "s3",
        "PutBucketLifecycleConfiguration",
        Bucket=bucket,
        LifecycleConfiguration={"Rules": rules},
    )


def _lifecycle_rule(rule: Properties) -> dict[str, Any]:
    """Return a template's lifecycle rule in the API's form."""
    expiration = {
        name: rule[key]
        for key, name in (
            ("ExpirationInDays", "Days"),
            ("ExpirationDate", "Date"),
            ("ExpiredObjectDeleteMarker", "ExpiredObjectDeleteMarker"),
        )
        if key in rule
    }
    transitions = [
        {"StorageClass": item["StorageClass"], "Days": item["TransitionInDays"]}
        for item in rule.get("Transitions", [])
    ]
    noncurrent = rule.get("NoncurrentVersionExpiration")
    if "NoncurrentVersionExpirationInDays" in rule:
        noncurrent = {"NoncurrentDays": rule["NoncurrentVersionExpirationInDays"]}
    found = {
        "ID": rule.get("Id"),
        "Status": rule["Status"],
        "Filter": {"Prefix": rule.get("Prefix", "")},
        "Expiration": expiration,
        "Transitions": transitions,
        "NoncurrentVersionExpiration": noncurrent,
        "AbortIncompleteMultipartUpload": rule.get("AbortIncompleteMultipartUpload"),
    }
    return {name: value for name, value in found.items() if value}


def _log(bucket: str, setting: Any) -> None:
    status: dict[str, Any] = {}
    if setting is not None:
        status["LoggingEnabled"] = {
            "TargetBucket": setting.get("DestinationBucketName", bucket),
            "TargetPrefix": setting.get("LogFilePrefix", ""),
        }
    call("s3", "PutBucketLogging", Bucket=bucket, BucketLoggingStatus=status)


def _own(bucket: str, setting: Any) -> None:
    if setting is None:
        call("s3", "DeleteBucketOwnershipControls", Bucket=bucket)
        return
    controls = {"Rules": setting["Rules"]}
    call("s3", "PutBucketOwnershipControls", Bucket=bucket, OwnershipControls=controls)


def _version(bucket: str, setting: Any) -> None:
    # Versioning cannot be disabled, only suspended.
    status = setting["Status"] if setting else "Suspended"
    call("s3", "PutBucketVersioning", Bucket=bucket, VersioningConfiguration={"Status": status})


def _tag(bucket: str, setting: Any) -> None:
    # Never empty: every bucket has the tags of its stack.
    tags = {"TagSet": tag_list({"Tags": setting})}
    call("s3", "PutBucketTagging", Bucket=bucket, Tagging=tags)


def _lock(bucket: str, setting: Any) -> None:
    """Set Object Lock. Only its default retention can be switched off (S3 user guide)."""
    rule = {"Rule": setting["Rule"]} if setting and "Rule" in setting else {}
    call(
        "s3",
        "PutObjectLockConfiguration",
        Bucket=bucket,
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", **rule},
    )


_SETTINGS = {
    "BucketEncryption": _encrypt,
    "LifecycleConfiguration": _expire,
    "LoggingConfiguration": _log,
    "OwnershipControls": _own,
    "VersioningConfiguration": _version,
    "Tags": _tag,
}


def _apply(bucket: str, old: Properties, new: Properties) -> None:
    for name, put in _SETTINGS.items():
        if changed(old, new, name):
            put(bucket, new.get(name))
    # A locked bucket is versioned, whatever the template says. Only then does it accept a rule.
    if truth(new.get("ObjectLockEnabled")) and changed(old, new, _LOCK):
        if "VersioningConfiguration" not in new:
            _version(bucket, {"Status": "Enabled"})
        _lock(bucket, new.get(_LOCK))


def _delete(bucket: str, _properties: Properties) -> None:
    call("s3", "DeleteBucket", Bucket=bucket)


def _check(_old: Properties, new: Properties) -> None:
    """Refuse names that S3 reserves (S3 user guide, "General purpose bucket naming rules")."""
    if new.get("BucketName", "").startswith(_RESERVED):
        raise ValueError(
            "The specified bucket is not valid. (Service: S3, Status Code: 400, InvalidBucketName)"
        )


PROVISIONERS = (
    Extension(type="AWS::S3::Bucket", check=_check, apply=_apply, delete=_delete, tags="Tags"),
)
