"""The storage layer: one key for everything, a bucket for results and one for the function's code.

Bucket names must be unique worldwide, so they have the account and region. Buckets and their data
are retained when the stack is deleted, and the next deployment takes them over.
"""

from __future__ import annotations

from typing import Any

from tapgen.render.blueprint import Blueprint
from tapgen.render.retained import RETAINED
from troposphere import GetAtt, Ref, Sub
from troposphere.kms import Alias, Key
from troposphere.s3 import (
    AbortIncompleteMultipartUpload,
    Bucket,
    BucketEncryption,
    BucketPolicy,
    LifecycleConfiguration,
    LifecycleRule,
    NoncurrentVersionExpiration,
    OwnershipControls,
    OwnershipControlsRule,
    PublicAccessBlockConfiguration,
    ServerSideEncryptionByDefault,
    ServerSideEncryptionRule,
    VersioningConfiguration,
)

from worker_platform.layers.parts.policies import document, key_policy, over_tls_only

_REPLACED_DAYS = 30  # for which a replaced or deleted object can be restored


def build() -> Blueprint:
    """Key, results, code."""
    blueprint = Blueprint("storage", "KMS key, results bucket, code bucket.")
    blueprint.prefix()
    key = blueprint.add(
        Key(
            "Key",
            Description="Encrypts the worker's data.",
            EnableKeyRotation=True,
            KeyPolicy=key_policy(),
            **RETAINED,
        )
    )
    blueprint.add(
        Alias("KeyAlias", AliasName=Sub("alias/${Prefix}"), TargetKeyId=Ref(key), **RETAINED)
    )
    for title, purpose in (("Results", "results"), ("Artifacts", "artifacts")):
        bucket = _add_bucket(blueprint, title, purpose, GetAtt(key, "Arn"))
        blueprint.output(f"{title}BucketName", Ref(bucket), f"Bucket for {purpose}.")
    blueprint.output("KeyArn", GetAtt(key, "Arn"), "KMS key for encryption.")
    return blueprint.finish()


def _add_bucket(blueprint: Blueprint, title: str, purpose: str, key_arn: Any) -> Bucket:
    bucket = Bucket(
        f"{title}Bucket",
        BucketName=Sub(f"${{Prefix}}-{purpose}-${{AWS::AccountId}}-${{AWS::Region}}"),
        BucketEncryption=_encryption(key_arn),
        LifecycleConfiguration=_lifecycle(),
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
    blueprint.add(bucket)
    arn = GetAtt(bucket, "Arn")
    statement = over_tls_only("s3", arn, Sub("${Arn}/*", Arn=arn))
    blueprint.add(
        BucketPolicy(f"{title}Policy", Bucket=Ref(bucket), PolicyDocument=document(statement))
    )
    return bucket


def _encryption(key_arn: Any) -> BucketEncryption:
    by_default = ServerSideEncryptionByDefault(SSEAlgorithm="aws:kms", KMSMasterKeyID=key_arn)
    rule = ServerSideEncryptionRule(BucketKeyEnabled=True, ServerSideEncryptionByDefault=by_default)
    return BucketEncryption(ServerSideEncryptionConfiguration=[rule])


def _lifecycle() -> LifecycleConfiguration:
    return LifecycleConfiguration(
        Rules=[
            LifecycleRule(
                Id="expire-noncurrent-versions",
                Status="Enabled",
                NoncurrentVersionExpiration=NoncurrentVersionExpiration(
                    NoncurrentDays=_REPLACED_DAYS
                ),
            ),
            LifecycleRule(
                Id="abort-incomplete-uploads",
                Status="Enabled",
                AbortIncompleteMultipartUpload=AbortIncompleteMultipartUpload(
                    DaysAfterInitiation=1
                ),
            ),
        ]
    )
