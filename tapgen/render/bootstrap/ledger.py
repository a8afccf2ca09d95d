"""The ledger: a bucket with the record of every release, which nobody can change."""

from __future__ import annotations

from typing import Any

from awacs import s3 as s3_actions
from awacs.aws import Bool, Null, PolicyDocument, Statement
from troposphere import GetAtt, Ref, Sub
from troposphere.s3 import (
    Bucket,
    BucketEncryption,
    BucketPolicy,
    DefaultRetention,
    ObjectLockConfiguration,
    ObjectLockRule,
    OwnershipControls,
    OwnershipControlsRule,
    PublicAccessBlockConfiguration,
    ServerSideEncryptionByDefault,
    ServerSideEncryptionRule,
    VersioningConfiguration,
)

from tapgen.model.limits import LEDGER_DAYS
from tapgen.render.accepted import accepted, because
from tapgen.render.blueprint import Blueprint
from tapgen.render.bootstrap.names import LEDGER_BUCKET
from tapgen.render.denials import TLS_AS_TEXT, bucket_over_tls, deny
from tapgen.render.retained import RETAINED

_NO_KEY = because(
    "Records hold no secrets, and everyone with access to the bucket should read them: a separate "
    "key could only be lost.",
    "encryption-key",
)
_NO_REGION = because(
    "A prefix is in one region of an account, as roles are the same in all of them; with the "
    "region, the longest prefix would not fit into 63 characters.",
    "bucket-name",
)
_NO_LOGS = because(
    "Access is logged in CloudTrail's data events, if they are switched on; a bucket for access "
    "logs would need a bucket for its own.",
    "CKV_AWS_18",
    "S3_BUCKET_LOGGING_ENABLED",
)
_NO_COPY = because(
    "Replication is up to the account's owner, with AWS Backup or a separate rule.",
    "S3_BUCKET_REPLICATION_ENABLED",
)
_NO_ACL = because(
    "ACLs are off (BucketOwnerEnforced); the rule fails when none is set.",
    "S3_BUCKET_NO_PUBLIC_RW_ACL",
)


def add_ledger(blueprint: Blueprint) -> None:
    """Add the bucket and its policy, with Object Lock in governance mode by default.

    In governance mode, administrators with `s3:BypassGovernanceRetention` can delete earlier; in
    compliance mode nobody can, not even the account's root (S3 user guide, "Retention modes").
    """
    days = blueprint.number(
        "LedgerDays", "bootstrap.ledger_days", "Days that a record is locked.", LEDGER_DAYS
    )
    mode = blueprint.choice(
        "LedgerMode", "bootstrap.ledger_mode", "Object Lock mode.", ["COMPLIANCE", "GOVERNANCE"]
    )
    encrypted = ServerSideEncryptionByDefault(SSEAlgorithm="AES256")
    blueprint.add(
        Bucket(
            "LedgerBucket",
            BucketName=Sub(LEDGER_BUCKET),
            BucketEncryption=BucketEncryption(
                ServerSideEncryptionConfiguration=[
                    ServerSideEncryptionRule(ServerSideEncryptionByDefault=encrypted)
                ]
            ),
            Metadata=accepted(_NO_KEY, _NO_REGION, _NO_LOGS, _NO_COPY, _NO_ACL),
            ObjectLockConfiguration=ObjectLockConfiguration(
                ObjectLockEnabled="Enabled",
                Rule=ObjectLockRule(DefaultRetention=DefaultRetention(Days=days, Mode=mode)),
            ),
            ObjectLockEnabled=True,
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
            **RETAINED,
        )
    )
    bucket = GetAtt("LedgerBucket", "Arn")
    blueprint.add(
        BucketPolicy(
            "LedgerBucketPolicy",
            Bucket=Ref("LedgerBucket"),
            Metadata=accepted(TLS_AS_TEXT),
            PolicyDocument=PolicyDocument(
                Version="2012-10-17",
                Statement=[*bucket_over_tls(bucket), _once(bucket)],
            ),
        )
    )
    blueprint.output("LedgerBucketName", Ref("LedgerBucket"), "Bucket with the record.")


def _once(bucket: Any) -> Statement:
    """Deny overwriting a record with a newer version: the key must be new.

    The parts of a multipart upload cannot have this condition, only its completion (S3 user guide,
    "Enforce conditional writes on Amazon S3 buckets").
    """
    return deny(
        "DenyOverwriting",
        s3_actions.PutObject,
        [Sub("${Bucket}/*", Bucket=bucket)],
        [Null("s3:if-none-match", "true"), Bool("s3:ObjectCreationOperation", "true")],
    )
