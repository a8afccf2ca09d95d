"""The tags of retained resources, which show who owns them, read from their services."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

from botocore.exceptions import ClientError

from tapgen.aws.errors import code_of


class Clients(Protocol):
    """Returns clients of services, in the region of the resource."""

    def client(self, service: str) -> Any: ...


def pairs(
    found: Iterable[Mapping[str, str]], key: str = "Key", value: str = "Value"
) -> dict[str, str]:
    """A service's list of tags as a mapping; services use different names for the two fields."""
    return {tag[key]: tag[value] for tag in found}


def tags_of(clients: Clients, resource_type: str, identifier: str) -> dict[str, str]:
    """The resource's tags; an alias has those of its key.

    Raises `KeyError` for a type that is not in `TAGS`, and errors of botocore.
    """
    return TAGS[resource_type](clients, identifier)


def _user_pool(clients: Clients, pool_id: str) -> dict[str, str]:
    pool = clients.client("cognito-idp").describe_user_pool(UserPoolId=pool_id)["UserPool"]
    return dict(pool.get("UserPoolTags", {}))


def _table(clients: Clients, name: str) -> dict[str, str]:
    dynamodb = clients.client("dynamodb")
    arn = dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
    pages = dynamodb.get_paginator("list_tags_of_resource").paginate(ResourceArn=arn)
    return pairs(tag for page in pages for tag in page["Tags"])


def _key(clients: Clients, key_id: str) -> dict[str, str]:
    pages = clients.client("kms").get_paginator("list_resource_tags").paginate(KeyId=key_id)
    return pairs((tag for page in pages for tag in page["Tags"]), "TagKey", "TagValue")


def _alias(clients: Clients, name: str) -> dict[str, str]:
    key = clients.client("kms").describe_key(KeyId=name)["KeyMetadata"]
    return _key(clients, key["KeyId"])


def _log_group(clients: Clients, name: str) -> dict[str, str]:
    logs = clients.client("logs")
    groups = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    arn = next(group["arn"] for group in groups if group["logGroupName"] == name)
    return dict(logs.list_tags_for_resource(resourceArn=arn.removesuffix(":*"))["tags"])


def _zone(clients: Clients, zone_id: str) -> dict[str, str]:
    found = clients.client("route53").list_tags_for_resource(
        ResourceType="hostedzone", ResourceId=zone_id
    )
    return pairs(found["ResourceTagSet"]["Tags"])


def _bucket(clients: Clients, name: str) -> dict[str, str]:
    try:
        return pairs(clients.client("s3").get_bucket_tagging(Bucket=name)["TagSet"])
    except ClientError as error:
        if code_of(error) == "NoSuchTagSet":
            return {}
        raise


def _queue(clients: Clients, url: str) -> dict[str, str]:
    return dict(clients.client("sqs").list_queue_tags(QueueUrl=url).get("Tags", {}))


def _secret(clients: Clients, arn: str) -> dict[str, str]:
    return pairs(clients.client("secretsmanager").describe_secret(SecretId=arn).get("Tags", []))


TAGS: Final[dict[str, Callable[[Clients, str], dict[str, str]]]] = {
    "AWS::Cognito::UserPool": _user_pool,
    "AWS::DynamoDB::Table": _table,
    "AWS::KMS::Alias": _alias,
    "AWS::KMS::Key": _key,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::Route53::HostedZone": _zone,
    "AWS::S3::Bucket": _bucket,
    "AWS::SQS::Queue": _queue,
    "AWS::SecretsManager::Secret": _secret,
}
