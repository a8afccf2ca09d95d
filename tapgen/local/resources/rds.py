"""RDS: databases that keep their tags, manage their password, and refuse what RDS refuses.

MiniStack's CloudFormation deletes a protected database. RDS refuses (RDS user guide, "Deleting a DB
instance": not while deletion protection is on). ListTagsForResource returns the tags as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from tapgen.local.caller import call
from tapgen.local.internals.services.databases import databases
from tapgen.local.provisioner import Extension, Properties, tag_list, truth

# AllocatedStorage in the reference of CreateDBInstance: for every engine except SQL Server, in GiB.
_STORAGE_GB: Final = {"gp2": (20, 65_536), "gp3": (20, 65_536), "io1": (100, 65_536)}
_BACKUP_DAYS: Final = 35  # BackupRetentionPeriod, in the same reference
_ZONES: Final = 2  # the minimum for a subnet group
_SECRET: Final = "MasterUserSecret"  # noqa: S105 - the name of an attribute


def _retag(arn: str, old: Properties, new: Properties) -> None:
    kept = {tag["Key"] for tag in tag_list(new)}
    gone = [tag["Key"] for tag in tag_list(old) if tag["Key"] not in kept]
    if gone:
        call("rds", "RemoveTagsFromResource", ResourceName=arn, TagKeys=gone)
    # Never empty: every resource has the tags of its stack.
    call("rds", "AddTagsToResource", ResourceName=arn, Tags=tag_list(new))


def _applying(of: str) -> Callable[[str, Properties, Properties], None]:
    """Tags of an "Instance" or a "Cluster"."""

    def apply(name: str, old: Properties, new: Properties) -> None:
        found: Any = call("rds", f"DescribeDB{of}s", **{f"DB{of}Identifier": name})
        _retag(found[f"DB{of}s"][0][f"DB{of}Arn"], old, new)

    return apply


def _deleting(of: str) -> Callable[[str, Properties], None]:
    def delete(name: str, _properties: Properties) -> None:
        call("rds", f"DeleteDB{of}", **{f"DB{of}Identifier": name}, SkipFinalSnapshot=True)

    return delete


_retag_instance = _applying("Instance")
_delete_instance = _deleting("Instance")


# --- database instances ---------------------------------------------------------------------------


def _check(old: Properties, new: Properties) -> None:
    """Refuse what CreateDBInstance and ModifyDBInstance refuse, according to their references."""
    if truth(new.get("ManageMasterUserPassword", False)) and "MasterUserPassword" in new:
        raise ValueError(
            "You can't specify MasterUserPassword when ManageMasterUserPassword is enabled."
        )
    if int(new.get("BackupRetentionPeriod", 1)) > _BACKUP_DAYS:
        raise ValueError(
            f"Invalid backup retention period: {new['BackupRetentionPeriod']}. Must be between 0 "
            f"and {_BACKUP_DAYS}"
        )
    if "AllocatedStorage" in new and not str(new.get("Engine")).startswith("sqlserver"):
        _check_storage(int(old.get("AllocatedStorage", 0)), new)


def _check_storage(before: int, new: Properties) -> None:
    size, kind = int(new["AllocatedStorage"]), new.get("StorageType", "gp2")
    low, high = _STORAGE_GB.get(kind, (0, size))
    if not low <= size <= high:
        raise ValueError(f"Invalid storage size for engine name {new['Engine']} and storage "
                         f"type {kind}: {size}")  # fmt: skip
    if size < before:  # RDS user guide, "Increasing DB instance storage capacity"
        raise ValueError(
            f"Requested storage size (GiB): {size} cannot be less than the current storage size "
            f"(GiB): {before}"
        )


def _apply(name: str, old: Properties, new: Properties) -> None:
    """Set the tags, and if requested create a secret with a generated password.

    RDS user guide, "Password management with Amazon RDS and AWS Secrets Manager".
    """
    instance = databases()[name]
    if truth(new.get("ManageMasterUserPassword", False)) and _SECRET not in instance:
        password = call("secretsmanager", "GetRandomPassword", ExcludePunctuation=True)
        value = {"username": instance["MasterUsername"], "password": password["RandomPassword"]}
        made = call(
            "secretsmanager",
            "CreateSecret",
            Name=f"rds!{instance['DbiResourceId'].lower()}",
            SecretString=json.dumps(value),
        )
        instance[_SECRET] = {"SecretArn": made["ARN"], "SecretStatus": "active"}
        instance["_MasterUserPassword"] = value["password"]
    _retag_instance(name, old, new)


def _attributes(name: str, _properties: Properties) -> dict[str, Any]:
    secret = databases()[name].get(_SECRET)
    return {f"{_SECRET}.SecretArn": secret["SecretArn"]} if secret else {}


def _delete(name: str, properties: Properties) -> None:
    secret = databases().get(name, {}).get(_SECRET)
    _delete_instance(name, properties)
    if secret:
        arn = secret["SecretArn"]
        call("secretsmanager", "DeleteSecret", SecretId=arn, ForceDeleteWithoutRecovery=True)


# --- subnet groups --------------------------------------------------------------------------------


def _check_zones(_old: Properties, new: Properties) -> None:
    """Refuse subnets in one zone, with the message in hashicorp/terraform-provider-aws#17373."""
    found = call("ec2", "DescribeSubnets", SubnetIds=new["SubnetIds"])["Subnets"]
    zones = {subnet["AvailabilityZone"] for subnet in found}
    if len(zones) < _ZONES:
        raise ValueError(
            "DB Subnet Group doesn't meet availability zone coverage requirement. Please add "
            f"subnets to cover at least {_ZONES} availability zones. Current coverage: {len(zones)}"
        )


def _delete_group(name: str, _properties: Properties) -> None:
    """Refuse while a database uses it, with the message in anomalyco/sst#4026."""
    for identifier, instance in databases().items():
        if instance["DBSubnetGroup"]["DBSubnetGroupName"] == name:
            raise ValueError(
                f"Cannot delete the subnet group '{name}' because at least one database instance: "
                f"{identifier} is still using it."
            )
    call("rds", "DeleteDBSubnetGroup", DBSubnetGroupName=name)


PROVISIONERS = (
    Extension(type="AWS::RDS::DBCluster", apply=_applying("Cluster"), delete=_deleting("Cluster")),
    Extension(
        type="AWS::RDS::DBInstance",
        check=_check,
        apply=_apply,
        attributes=_attributes,
        delete=_delete,
    ),
    Extension(type="AWS::RDS::DBSubnetGroup", check=_check_zones, delete=_delete_group),
)
