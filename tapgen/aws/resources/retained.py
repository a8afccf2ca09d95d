"""Types of retained data: how each is found by its name, and permanently deleted.

`kept` calls these functions, and handles all other types.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tapgen.aws.account import Account
from tapgen.aws.errors import explained
from tapgen.aws.polling import until

ABSENT: Final = frozenset(
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
# The shortest waiting period that KMS allows; until then the key can be restored.
_KEY_DELETION_DAYS: Final = 7
_DYING: Final = "PendingDeletion"
KEY: Final = "AWS::KMS::Key"
_POOLS_A_PAGE: Final = 60  # the maximum of ListUserPools
_ZONES_A_PAGE: Final = "100"  # the maximum of ListHostedZonesByName
# An update of a table takes seconds, and so does its deletion. The creation of an index takes
# longer the bigger the table is: then a later run continues.
_TABLE_SECONDS: Final = 600.0
_BUSY: Final = frozenset({"CREATING", "DELETING", "UPDATING"})


@dataclass(frozen=True)
class Region:
    """An account's clients in one region."""

    account: Account
    name: str

    def client(self, service: str) -> Any:
        return self.account.client(service, self.name)

    def cli(self, command: str) -> str:
        """A command of the AWS CLI to suggest, with the options for the same account and region."""
        connection = self.account.connection
        reached = {"endpoint-url": connection.endpoint_url, "profile": connection.profile}
        options = [f"--{name} {shlex.quote(value)}" for name, value in reached.items() if value]
        return " ".join(["aws", command, f"--region {self.name}", *options])


@dataclass(frozen=True)
class Kind:
    """How to find and delete resources of one type.

    `identifier` is the property that IMPORT requires. `find` returns its values for all resources
    with the declared name, which is the property called `name`. `purge` deletes the resource and
    its content.
    """

    identifier: str
    name: str
    find: Callable[[Region, Mapping[str, Any]], Sequence[str]]
    purge: Callable[[Region, str], None]


def _find_table(region: Region, properties: Mapping[str, Any]) -> list[str]:
    name: str = properties["TableName"]
    region.client("dynamodb").describe_table(TableName=name)
    return [name]


def _purge_table(region: Region, name: str) -> None:
    """Delete a table, without its deletion protection.

    DynamoDB rejects a call while the table or one of its indexes is created, updated or deleted, so
    each call waits until then ("DeleteTable" and "UpdateTable" in its API reference).
    """
    client = region.client("dynamodb")

    def at_rest() -> dict[str, Any] | None:
        table: dict[str, Any] = client.describe_table(TableName=name)["Table"]
        states = {index["IndexStatus"] for index in table.get("GlobalSecondaryIndexes", [])}
        return table if _BUSY.isdisjoint({table["TableStatus"], *states}) else None

    def gone() -> bool | None:
        try:
            client.describe_table(TableName=name)
        except client.exceptions.ResourceNotFoundException:
            return True
        return None

    table = until(at_rest, what=f"an update of table {name}", seconds=_TABLE_SECONDS)
    if table.get("DeletionProtectionEnabled"):
        client.update_table(TableName=name, DeletionProtectionEnabled=False)
        until(at_rest, what=f"an update of table {name}", seconds=_TABLE_SECONDS)
    client.delete_table(TableName=name)
    until(gone, what=f"the deletion of table {name}", seconds=_TABLE_SECONDS)


def _find_bucket(region: Region, properties: Mapping[str, Any]) -> list[str]:
    name: str = properties["BucketName"]
    region.client("s3").head_bucket(Bucket=name, ExpectedBucketOwner=region.account.account_id)
    return [name]


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


def _find_log_group(region: Region, properties: Mapping[str, Any]) -> list[str]:
    name: str = properties["LogGroupName"]
    groups = region.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return [group["logGroupName"] for group in groups if group["logGroupName"] == name]


def _purge_log_group(region: Region, name: str) -> None:
    client = region.client("logs")
    groups = client.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    if any(g["logGroupName"] == name and g.get("deletionProtectionEnabled") for g in groups):
        client.put_log_group_deletion_protection(
            logGroupIdentifier=name, deletionProtectionEnabled=False
        )
    client.delete_log_group(logGroupName=name)


def _find_queue(region: Region, properties: Mapping[str, Any]) -> list[str]:
    return [str(region.client("sqs").get_queue_url(QueueName=properties["QueueName"])["QueueUrl"])]


def _purge_queue(region: Region, url: str) -> None:
    region.client("sqs").delete_queue(QueueUrl=url)


def _find_secret(region: Region, properties: Mapping[str, Any]) -> list[str]:
    secret = region.client("secretsmanager").describe_secret(SecretId=properties["Name"])
    return [] if secret.get("DeletedDate") else [str(secret["ARN"])]


def _purge_secret(region: Region, arn: str) -> None:
    client = region.client("secretsmanager")
    replicas = client.describe_secret(SecretId=arn).get("ReplicationStatus", [])
    if replicas:
        client.remove_regions_from_replication(
            SecretId=arn, RemoveReplicaRegions=[replica["Region"] for replica in replicas]
        )
    client.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


def _find_alias(region: Region, properties: Mapping[str, Any]) -> list[str]:
    name: str = properties["AliasName"]
    region.client("kms").describe_key(KeyId=name)
    return [name]


def _purge_alias(region: Region, name: str) -> None:
    region.client("kms").delete_alias(AliasName=name)


def _find_key(region: Region, properties: Mapping[str, Any]) -> list[str]:
    # A key has no name; the template's alias for it is passed as AliasName.
    key = region.client("kms").describe_key(KeyId=properties["AliasName"])["KeyMetadata"]
    return [] if key["KeyState"] == _DYING else [str(key["KeyId"])]


def _purge_key(region: Region, key_id: str) -> None:
    region.client("kms").schedule_key_deletion(KeyId=key_id, PendingWindowInDays=_KEY_DELETION_DAYS)


def deletion(region: Region, alias: str) -> tuple[str, str] | None:
    """The id of an alias's key and the day of its deletion; None if none is scheduled."""
    with explained(f"reading the key behind {alias}"):
        key = region.client("kms").describe_key(KeyId=alias)["KeyMetadata"]
    if key["KeyState"] != _DYING:
        return None
    return str(key["KeyId"]), f"{key['DeletionDate']:%Y-%m-%d}"


def _find_user_pool(region: Region, properties: Mapping[str, Any]) -> list[str]:
    name = properties["UserPoolName"]
    pages = region.client("cognito-idp").get_paginator("list_user_pools")
    return [
        str(pool["Id"])
        for page in pages.paginate(MaxResults=_POOLS_A_PAGE)
        for pool in page["UserPools"]
        if pool["Name"] == name
    ]


def _purge_user_pool(region: Region, pool_id: str) -> None:
    client = region.client("cognito-idp")
    pool = client.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    if pool.get("DeletionProtection") == "ACTIVE":
        # An update removes settings that it does not repeat; permission to delete needs the tags.
        tags = pool.get("UserPoolTags", {})
        client.update_user_pool(
            UserPoolId=pool_id, DeletionProtection="INACTIVE", UserPoolTags=tags
        )
    if domain := pool.get("Domain"):
        client.delete_user_pool_domain(UserPoolId=pool_id, Domain=domain)
    client.delete_user_pool(UserPoolId=pool_id)


def _find_zone(region: Region, properties: Mapping[str, Any]) -> list[str]:
    name = f"{str(properties['Name']).rstrip('.')}."
    # Zones are listed by name, from this one on; an account may have several with one name.
    answer = region.client("route53").list_hosted_zones_by_name(
        DNSName=name, MaxItems=_ZONES_A_PAGE
    )
    return [
        str(zone["Id"]).removeprefix("/hostedzone/")
        for zone in answer["HostedZones"]
        if zone["Name"] == name and not zone["Config"].get("PrivateZone")
    ]


def _purge_zone(region: Region, zone_id: str) -> None:
    """Delete a zone with its records.

    Only the NS and SOA records of the zone itself may remain. Any other record, also the NS record
    of a subdomain, is a HostedZoneNotEmpty (Route 53 API reference, DeleteHostedZone).
    """
    client = region.client("route53")
    zone = client.get_hosted_zone(Id=zone_id)["HostedZone"]["Name"]
    for page in client.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone_id):
        changes = [
            {"Action": "DELETE", "ResourceRecordSet": record}
            for record in page["ResourceRecordSets"]
            if not (record["Type"] in {"NS", "SOA"} and record["Name"] == zone)
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
