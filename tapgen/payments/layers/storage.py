"""The storage layer: buckets for API logs, access logs and artifacts.

`api-logs` stores the API's access logs (through Firehose) and CloudFront's logs (through log
delivery), `access-logs` stores S3's server access logs of the other two, `artifacts` stores the
functions' code under its content hash.

Names contain account id and region, because bucket names are global. Log objects expire after the
retention period. Code does not: a function's current version may be of any age, so only noncurrent
objects expire.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from troposphere import GetAtt, Ref, Sub
from troposphere.s3 import (
    AbortIncompleteMultipartUpload,
    Bucket,
    BucketEncryption,
    LifecycleConfiguration,
    LifecycleRule,
    LoggingConfiguration,
    NoncurrentVersionExpiration,
    OwnershipControls,
    OwnershipControlsRule,
    PublicAccessBlockConfiguration,
    ServerSideEncryptionByDefault,
    ServerSideEncryptionRule,
    VersioningConfiguration,
)

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.parts.data.bucket_policy import (
    access_log_delivery,
    bucket_policy,
    log_delivery,
)
from tapgen.payments.limits import KMS_KEY_ARN, S3_RETENTION_DAYS
from tapgen.render.accepted import accepted, because
from tapgen.render.retained import RETAINED

_NAME: Final = "${{Prefix}}-{}-${{AWS::AccountId}}-${{AWS::Region}}"
_LOGGED: Final = {"ApiLogs": "api-logs", "Artifacts": "artifacts"}
_LOGGED_NAMES: Final = {purpose: _NAME.format(purpose) for purpose in _LOGGED.values()}
_ON_EVERY_BUCKET: Final = (
    because(
        "Locked objects could not expire after the retention period.",
        "S3_BUCKET_DEFAULT_LOCK_ENABLED",
    ),
    because(
        "Copies elsewhere would outlive the retention period.", "S3_BUCKET_REPLICATION_ENABLED"
    ),
    because(
        "ACLs are off (BucketOwnerEnforced); the rule fails when none is set.",
        "S3_BUCKET_NO_PUBLIC_RW_ACL",
    ),
)


def build() -> Blueprint:
    """Three buckets and their policies."""
    blueprint = Blueprint("storage", "Buckets for API logs, access logs and artifacts.")
    blueprint.prefix()
    key_arn = blueprint.input(
        "KeyArn", "Key that encrypts API logs and artifacts.", pattern=KMS_KEY_ARN
    )
    days = blueprint.number(
        "LogsDays", "retention.logs_days", "Retention of log objects, in days.", S3_RETENTION_DAYS
    )
    _add_access_logs(blueprint, days)
    with_key = _encryption(
        BucketKeyEnabled=True,
        ServerSideEncryptionByDefault=ServerSideEncryptionByDefault(
            SSEAlgorithm="aws:kms", KMSMasterKeyID=key_arn
        ),
    )
    _add_bucket(
        blueprint, "ApiLogs", _expiring(days), [log_delivery("ApiLogs")], BucketEncryption=with_key
    )
    _add_bucket(blueprint, "Artifacts", _kept_while_current(days), [], BucketEncryption=with_key)
    _give_outputs(blueprint)
    return blueprint.finish()


def _add_access_logs(blueprint: Blueprint, days: Ref) -> None:
    only_s3_key = because(
        "S3 delivers server access logs to buckets encrypted with its own keys only.",
        "encryption-key",
    )
    own_logs = because(
        "A bucket that logs access to itself grows endlessly.",
        "S3_BUCKET_LOGGING_ENABLED",
        "CKV_AWS_18",
    )
    bucket = _bucket(
        "AccessLogs",
        "access-logs",
        LifecycleConfiguration=_expiring(days),
        BucketEncryption=_encryption(
            ServerSideEncryptionByDefault=ServerSideEncryptionByDefault(SSEAlgorithm="AES256")
        ),
        Metadata=accepted(*_ON_EVERY_BUCKET, only_s3_key, own_logs),
    )
    blueprint.add(bucket)
    blueprint.add(bucket_policy("AccessLogs", [access_log_delivery("AccessLogs", _LOGGED_NAMES)]))


def _add_bucket(
    blueprint: Blueprint,
    title: str,
    lifecycle: LifecycleConfiguration,
    statements: Sequence[Any],
    **properties: Any,
) -> None:
    """Add a bucket with access logging."""
    purpose = _LOGGED[title]
    blueprint.add(
        _bucket(
            title,
            purpose,
            DependsOn="AccessLogsBucketPolicy",  # S3 needs permission to write first
            Metadata=accepted(*_ON_EVERY_BUCKET),
            LifecycleConfiguration=lifecycle,
            LoggingConfiguration=LoggingConfiguration(
                DestinationBucketName=Ref("AccessLogsBucket"), LogFilePrefix=f"{purpose}/"
            ),
            **properties,
        )
    )
    blueprint.add(bucket_policy(title, statements))


def _bucket(title: str, purpose: str, **properties: Any) -> Bucket:
    return Bucket(
        f"{title}Bucket",
        BucketName=Sub(_NAME.format(purpose)),
        OwnershipControls=OwnershipControls(
            Rules=[OwnershipControlsRule(ObjectOwnership="BucketOwnerEnforced")]
        ),
        PublicAccessBlockConfiguration=PublicAccessBlockConfiguration(
            BlockPublicAcls=True,
            BlockPublicPolicy=True,
            IgnorePublicAcls=True,
            RestrictPublicBuckets=True,
        ),
        VersioningConfiguration=VersioningConfiguration(Status="Enabled"),
        **properties,
        **RETAINED,
    )


def _encryption(**rule: Any) -> BucketEncryption:
    return BucketEncryption(ServerSideEncryptionConfiguration=[ServerSideEncryptionRule(**rule)])


def _expiring(days: Ref) -> LifecycleConfiguration:
    expire = LifecycleRule(Id="expire", Status="Enabled", ExpirationInDays=days)
    return LifecycleConfiguration(Rules=[expire, *_leftovers(days)])


def _kept_while_current(days: Ref) -> LifecycleConfiguration:
    return LifecycleConfiguration(Rules=_leftovers(days))


def _leftovers(days: Ref) -> list[LifecycleRule]:
    """Rules that delete invisible objects: old versions, lone delete markers, aborted uploads."""
    return [
        LifecycleRule(
            Id="expire-noncurrent-versions",
            Status="Enabled",
            NoncurrentVersionExpiration=NoncurrentVersionExpiration(NoncurrentDays=days),
        ),
        LifecycleRule(Id="remove-delete-markers", Status="Enabled", ExpiredObjectDeleteMarker=True),
        LifecycleRule(
            Id="abort-incomplete-uploads",
            Status="Enabled",
            # An upload takes minutes. This is not a retention period: nothing was stored.
            AbortIncompleteMultipartUpload=AbortIncompleteMultipartUpload(DaysAfterInitiation=1),
        ),
    ]


def _give_outputs(blueprint: Blueprint) -> None:
    blueprint.output("ApiLogsBucketName", Ref("ApiLogsBucket"), "Bucket for API and CDN logs.")
    blueprint.output(
        "ApiLogsBucketArn",
        GetAtt("ApiLogsBucket", "Arn"),
        "ARN of the bucket for API and CDN logs.",
    )
    blueprint.output("AccessLogsBucketName", Ref("AccessLogsBucket"), "Bucket for S3 access logs.")
    blueprint.output(
        "ArtifactsBucketName", Ref("ArtifactsBucket"), "Bucket for the functions' code."
    )
