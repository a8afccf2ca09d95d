"""Resources that outlive their stack: finding them by name, and deleting them for good.

A stack's data is kept when the stack is deleted. The names are derived from the environment, so
that a later deployment finds it again and takes it over, and `destroy --purge-data` finds it too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from tapgen.aws.account import Account
from tapgen.aws.errors import code_of, explained
from tapgen.errors import TapgenError

_ABSENT: Final = frozenset(
    {
        "404",
        "AWS.SimpleQueueService.NonExistentQueue",
        "NoSuchBucket",
        "NoSuchHostedZone",
        "NotFound",
        "NotFoundException",
        "QueueDoesNotExist",
        "ResourceNotFoundException",
    }
)
# The shortest waiting time that KMS allows; the key can be restored until then.
_KEY_DELETION_DAYS: Final = 7
_POOLS_A_PAGE: Final = 60  # the most that ListUserPools gives


@dataclass(frozen=True)
class Region:
    """An account's clients in one region."""

    account: Account
    name: str

    def client(self, service: str) -> Any:
        return self.account.client(service, self.name)


@dataclass(frozen=True)
class Kind:
    """How one resource type is told apart.

    `identifier` is the property that IMPORT wants, `find` gives its value from the declared
    properties (None: there is no such resource), going by the one called `name`; `purge` deletes
    the resource and its content.
    """

    identifier: str
    name: str
    find: Callable[[Region, Mapping[str, Any]], str | None]
    purge: Callable[[Region, str], None]


def find(region: Region, resource_type: str, properties: Mapping[str, Any]) -> str | None:
    """The identifier of an existing resource with the declared name, or None.

    Types that cannot be adopted give None as well.
    """
    kind = KINDS.get(resource_type)
    if kind is None:
        return None
    with explained(f"looking for a retained {resource_type}"):
        try:
            return kind.find(region, properties)
        except ClientError as error:
            if code_of(error) in _ABSENT:
                return None
            raise


def purge(region: Region, resource_type: str, identifier: str) -> None:
    """Delete a retained resource with everything in it; fine when it is gone already.

    Raises `TapgenError` for a type that is not in `KINDS`.
    """
    kind = KINDS.get(resource_type)
    if kind is None:
        raise TapgenError(
            f"{resource_type} {identifier} is left: tapgen can neither purge nor take over such "
            "a resource",
            "Delete it by hand, or add how it is found and deleted to KINDS in "
            "tapgen/aws/resources/retained.py.",
        )
    with explained(f"deleting {resource_type} {identifier}"):
        try:
            kind.purge(region, identifier)
        except ClientError as error:
            if code_of(error) not in _ABSENT:
                raise


# --- one pair of functions for each type -----------------------------------------------------


def _find_table(region: Region, properties: Mapping[str, Any]) -> str | None:
    name: str = properties["TableName"]
    region.client("dynamodb").describe_table(TableName=name)
    return name


def _purge_table(region: Region, name: str) -> None:
    client = region.client("dynamodb")
    client.update_table(TableName=name, DeletionProtectionEnabled=False)
    client.delete_table(TableName=name)
    client.get_waiter("table_not_exists").wait(TableName=name, WaiterConfig={"Delay": 1})


def _find_bucket(region: Region, properties: Mapping[str, Any]) -> str | None:
    name: str = properties["BucketName"]
    region.client("s3").head_bucket(Bucket=name, ExpectedBucketOwner=region.account.account_id)
    return name


def _purge_bucket(region: Region, name: str) -> None:
    client = region.client("s3")
    for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
        entries = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if entries:
            client.delete_objects(
                Bucket=name,
                Delete={
                    "Objects": [{"Key": e["Key"], "VersionId": e["VersionId"]} for e in entries],
                    "Quiet": True,
                },
            )
    client.delete_bucket(Bucket=name)


def _find_log_group(region: Region, properties: Mapping[str, Any]) -> str | None:
    name: str | None = properties.get("LogGroupName")
    if not isinstance(name, str):
        return None
    groups = region.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return name if any(group["logGroupName"] == name for group in groups) else None


def _purge_log_group(region: Region, name: str) -> None:
    client = region.client("logs")
    groups = client.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    if any(g["logGroupName"] == name and g.get("deletionProtectionEnabled") for g in groups):
        client.put_log_group_deletion_protection(
            logGroupIdentifier=name, deletionProtectionEnabled=False
        )
    client.delete_log_group(logGroupName=name)


def _find_queue(region: Region, properties: Mapping[str, Any]) -> str | None:
    return str(region.client("sqs").get_queue_url(QueueName=properties["QueueName"])["QueueUrl"])


def _purge_queue(region: Region, url: str) -> None:
    region.client("sqs").delete_queue(QueueUrl=url)


def _find_secret(region: Region, properties: Mapping[str, Any]) -> str | None:
    secret = region.client("secretsmanager").describe_secret(SecretId=properties["Name"])
    return None if secret.get("DeletedDate") else str(secret["ARN"])


def _purge_secret(region: Region, arn: str) -> None:
    client = region.client("secretsmanager")
    replicas = client.describe_secret(SecretId=arn).get("ReplicationStatus", [])
    if replicas:
        client.remove_regions_from_replication(
            SecretId=arn, RemoveReplicaRegions=[replica["Region"] for replica in replicas]
        )
    client.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


def _find_alias(region: Region, properties: Mapping[str, Any]) -> str | None:
    name: str = properties["AliasName"]
    region.client("kms").describe_key(KeyId=name)
    return name


def _purge_alias(region: Region, name: str) -> None:
    region.client("kms").delete_alias(AliasName=name)


def _find_key(region: Region, properties: Mapping[str, Any]) -> str | None:
    # A key has no name of its own; the template's alias for it is handed in as AliasName.
    alias = properties.get("AliasName")
    if not alias:
        return None
    key = region.client("kms").describe_key(KeyId=alias)["KeyMetadata"]
    return None if key["KeyState"] == "PendingDeletion" else str(key["KeyId"])


def _purge_key(region: Region, key_id: str) -> None:
    region.client("kms").schedule_key_deletion(KeyId=key_id, PendingWindowInDays=_KEY_DELETION_DAYS)


def _find_user_pool(region: Region, properties: Mapping[str, Any]) -> str | None:
    name = properties["UserPoolName"]
    pages = region.client("cognito-idp").get_paginator("list_user_pools")
    found = [
        str(pool["Id"])
        for page in pages.paginate(MaxResults=_POOLS_A_PAGE)
        for pool in page["UserPools"]
        if pool["Name"] == name
    ]
    if len(found) > 1:  # Cognito does not ask for unique names
        raise TapgenError(
            f"there are several user pools called {name}: {', '.join(found)}",
            "Delete or rename those that are not in use, and repeat the command.",
        )
    return found[0] if found else None


def _purge_user_pool(region: Region, pool_id: str) -> None:
    client = region.client("cognito-idp")
    pool = client.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    if pool.get("DeletionProtection") == "ACTIVE":
        # An update takes away what it does not repeat, and who may delete it is told by its tags.
        tags = pool.get("UserPoolTags", {})
        client.update_user_pool(
            UserPoolId=pool_id, DeletionProtection="INACTIVE", UserPoolTags=tags
        )
    if domain := pool.get("Domain"):
        client.delete_user_pool_domain(UserPoolId=pool_id, Domain=domain)
    client.delete_user_pool(UserPoolId=pool_id)


def _find_zone(region: Region, properties: Mapping[str, Any]) -> str | None:
    name = f"{str(properties['Name']).rstrip('.')}."
    answer = region.client("route53").list_hosted_zones_by_name(DNSName=name, MaxItems="1")
    for zone in answer["HostedZones"]:
        if zone["Name"] == name and not zone["Config"].get("PrivateZone"):
            return str(zone["Id"]).removeprefix("/hostedzone/")
    return None


def _purge_zone(region: Region, zone_id: str) -> None:
    client = region.client("route53")
    for page in client.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone_id):
        changes = [
            {"Action": "DELETE", "ResourceRecordSet": record}
            for record in page["ResourceRecordSets"]
            if record["Type"] not in {"NS", "SOA"}
        ]
        if changes:
            client.change_resource_record_sets(
                HostedZoneId=zone_id, ChangeBatch={"Changes": changes}
            )
    client.delete_hosted_zone(Id=zone_id)


KINDS: Final[dict[str, Kind]] = {
    "AWS::Cognito::UserPool": Kind("UserPoolId", "UserPoolName", _find_user_pool, _purge_user_pool),
    "AWS::DynamoDB::Table": Kind("TableName", "TableName", _find_table, _purge_table),
    "AWS::KMS::Alias": Kind("AliasName", "AliasName", _find_alias, _purge_alias),
    "AWS::KMS::Key": Kind("KeyId", "AliasName", _find_key, _purge_key),
    "AWS::Logs::LogGroup": Kind("LogGroupName", "LogGroupName", _find_log_group, _purge_log_group),
    "AWS::Route53::HostedZone": Kind("Id", "Name", _find_zone, _purge_zone),
    "AWS::S3::Bucket": Kind("BucketName", "BucketName", _find_bucket, _purge_bucket),
    "AWS::SQS::Queue": Kind("QueueUrl", "QueueName", _find_queue, _purge_queue),
    "AWS::SecretsManager::Secret": Kind("Id", "Name", _find_secret, _purge_secret),
}
