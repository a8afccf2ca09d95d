"""Adding a stack's tags to an imported resource, through the resource's own service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tapgen.local.caller import call

if TYPE_CHECKING:
    from collections.abc import Callable

Tags = dict[str, str]


def put_tags(kind: str, physical_id: str, tags: Tags) -> None:
    """Add the tags. Types that are not in `TAGGERS` are skipped."""
    if kind in TAGGERS and tags:
        TAGGERS[kind](physical_id, tags)


def _pairs(tags: Tags, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    return [{key: name, value: text} for name, text in tags.items()]


def _bucket(name: str, tags: Tags) -> None:
    try:
        own = call("s3", "GetBucketTagging", Bucket=name)["TagSet"]
    except ClientError:  # it has none
        own = []
    kept = [tag for tag in own if tag["Key"] not in tags]
    call("s3", "PutBucketTagging", Bucket=name, Tagging={"TagSet": [*kept, *_pairs(tags)]})


def _table(name: str, tags: Tags) -> None:
    arn = call("dynamodb", "DescribeTable", TableName=name)["Table"]["TableArn"]
    call("dynamodb", "TagResource", ResourceArn=arn, Tags=_pairs(tags))


def _log_group(name: str, tags: Tags) -> None:
    groups = call("logs", "DescribeLogGroups", logGroupNamePrefix=name)["logGroups"]
    arn = next(group["arn"] for group in groups if group["logGroupName"] == name)
    call("logs", "TagResource", resourceArn=arn.removesuffix(":*"), tags=tags)


def _pool(pool_id: str, tags: Tags) -> None:
    arn = call("cognito-idp", "DescribeUserPool", UserPoolId=pool_id)["UserPool"]["Arn"]
    call("cognito-idp", "TagResource", ResourceArn=arn, Tags=tags)


TAGGERS: dict[str, Callable[[str, Tags], Any]] = {
    "AWS::Cognito::UserPool": _pool,
    "AWS::DynamoDB::Table": _table,
    "AWS::IAM::Role": lambda name, tags: call("iam", "TagRole", RoleName=name, Tags=_pairs(tags)),
    "AWS::KMS::Key": lambda key, tags: call(
        "kms", "TagResource", KeyId=key, Tags=_pairs(tags, "TagKey", "TagValue")
    ),
    "AWS::Logs::LogGroup": _log_group,
    "AWS::S3::Bucket": _bucket,
    "AWS::SNS::Topic": lambda arn, tags: call(
        "sns", "TagResource", ResourceArn=arn, Tags=_pairs(tags)
    ),
    "AWS::SQS::Queue": lambda url, tags: call("sqs", "TagQueue", QueueUrl=url, Tags=tags),
    "AWS::SecretsManager::Secret": lambda name, tags: call(
        "secretsmanager", "TagResource", SecretId=name, Tags=_pairs(tags)
    ),
}
"""The types that can be imported here and whose tags come from their stack."""
