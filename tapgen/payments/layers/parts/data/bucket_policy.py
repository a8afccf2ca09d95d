"""Bucket policies: TLS 1.2 is required, and AWS may deliver logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from awacs import s3 as s3_actions
from awacs.aws import (
    Allow,
    ArnLike,
    Condition,
    PolicyDocument,
    Principal,
    SourceAccount,
    SourceArn,
    Statement,
    StringEquals,
)
from troposphere import GetAtt, Ref, Sub
from troposphere.s3 import BucketPolicy

from tapgen.model.limits import GLOBAL_REGION
from tapgen.payments.layers.parts.iam.arns import ACCOUNT, arn, bucket_arn
from tapgen.render.accepted import accepted
from tapgen.render.denials import TLS_AS_TEXT, bucket_over_tls


def bucket_policy(title: str, statements: Sequence[Statement]) -> BucketPolicy:
    """The policy of the bucket `<title>Bucket`: TLS only, plus `statements`."""
    bucket = GetAtt(f"{title}Bucket", "Arn")
    return BucketPolicy(
        f"{title}BucketPolicy",
        Bucket=Ref(f"{title}Bucket"),
        Metadata=accepted(TLS_AS_TEXT),
        PolicyDocument=PolicyDocument(
            Version="2012-10-17",
            Statement=[*bucket_over_tls(bucket), *statements],
        ),
    )


def access_log_delivery(title: str, sources: Mapping[str, str]) -> Statement:
    """Allow S3 to write server access logs to a bucket. `sources` maps log prefixes to buckets."""
    return Statement(
        Sid="AccessLogDelivery",
        Effect=Allow,
        Principal=Principal("Service", ["logging.s3.amazonaws.com"]),
        Action=[s3_actions.PutObject],
        Resource=[
            Sub(f"${{Bucket}}/{prefix}/*", Bucket=GetAtt(f"{title}Bucket", "Arn"))
            for prefix in sources
        ],
        Condition=Condition(
            [
                StringEquals(SourceAccount, ACCOUNT),
                ArnLike(SourceArn, [bucket_arn(name) for name in sources.values()]),
            ]
        ),
    )


def log_delivery(title: str) -> Statement:
    """Allow CloudWatch Logs to deliver CloudFront's logs from delivery sources in us-east-1."""
    return Statement(
        Sid="LogDelivery",
        Effect=Allow,
        Principal=Principal("Service", ["delivery.logs.amazonaws.com"]),
        Action=[s3_actions.PutObject],
        Resource=[
            Sub("${Bucket}/AWSLogs/${AWS::AccountId}/*", Bucket=GetAtt(f"{title}Bucket", "Arn"))
        ],
        Condition=Condition(
            [
                StringEquals({SourceAccount: ACCOUNT, "s3:x-amz-acl": "bucket-owner-full-control"}),
                ArnLike(SourceArn, arn("logs", "delivery-source:*", region=GLOBAL_REGION)),
            ]
        ),
    )
