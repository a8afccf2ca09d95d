"""The database layer: PostgreSQL in the private subnets. AWS creates and rotates its password.

When the stack is deleted, a final snapshot is taken and the database is deleted: a retained one
would block the deletion of its subnets and security groups. `protection` prevents the deletion.
"""

from __future__ import annotations

from typing import Final

from tapgen.render.accepted import accepted, because
from tapgen.render.blueprint import Blueprint
from troposphere import GetAtt, Ref, Sub
from troposphere.rds import DBInstance, DBSubnetGroup

from worker_platform.layers.parts.policies import key_input
from worker_platform.settings import BACKUP_DAYS, DATABASE_CLASSES, STORAGE_GB

SECURITY_GROUP: Final = r"^sg-[0-9a-f]{8,17}$"
ENGINE_VERSION: Final = "17.6"
_SNAPSHOT: Final = {"DeletionPolicy": "Snapshot", "UpdateReplacePolicy": "Snapshot"}


def build() -> Blueprint:
    """Subnet group and database."""
    blueprint = Blueprint("database", "PostgreSQL in the private subnets.")
    subnets = blueprint.input_list(
        "PrivateSubnetIds", "Subnets of two zones.", type_="List<AWS::EC2::Subnet::Id>"
    )
    group = blueprint.input(
        "DatabaseSecurityGroupId", "Security group of the database.", pattern=SECURITY_GROUP
    )
    blueprint.prefix()
    name = Sub("${Prefix}-jobs")
    places = blueprint.add(
        DBSubnetGroup(
            "Subnets",
            DBSubnetGroupName=name,
            DBSubnetGroupDescription="Private subnets of the VPC",
            SubnetIds=subnets,
        )
    )
    database = blueprint.add(
        DBInstance(
            "Database",
            DBInstanceIdentifier=name,
            Engine="postgres",
            EngineVersion=ENGINE_VERSION,
            AutoMinorVersionUpgrade=False,  # this file sets the same version everywhere
            DBName="jobs",
            MasterUsername="jobs_owner",
            ManageMasterUserPassword=True,
            StorageType="gp3",
            StorageEncrypted=True,
            KmsKeyId=key_input(blueprint),
            PubliclyAccessible=False,
            DBSubnetGroupName=Ref(places),
            VPCSecurityGroups=[group],
            CopyTagsToSnapshot=True,
            DeletionProtection=blueprint.protected(),
            Metadata=accepted(
                because(
                    "A final snapshot keeps the data; a kept database would block the network.",
                    "retained-data",
                )
            ),
            **_sizes(blueprint),
            **_SNAPSHOT,
        )
    )
    blueprint.output("DatabaseName", Ref(database), "Name of the database instance.")
    blueprint.output("DatabaseAddress", GetAtt(database, "Endpoint.Address"), "Database host.")
    blueprint.output("DatabasePort", GetAtt(database, "Endpoint.Port"), "Database port.")
    blueprint.output(
        "DatabaseSecretArn", GetAtt(database, "MasterUserSecret.SecretArn"), "Database secret."
    )
    return blueprint.finish()


def _sizes(blueprint: Blueprint) -> dict[str, object]:
    blueprint.flag("MultiAz", "database.multi_az", "Whether there is a standby in another zone.")
    return {
        "DBInstanceClass": blueprint.choice(
            "InstanceClass", "database.instance_class", "Instance class.", DATABASE_CLASSES
        ),
        "AllocatedStorage": blueprint.number(
            "StorageGb", "database.storage_gb", "Storage in GiB.", STORAGE_GB
        ),
        "BackupRetentionPeriod": blueprint.number(
            "BackupDays", "database.backup_days", "Retention of backups, in days.", BACKUP_DAYS
        ),
        "MultiAZ": blueprint.when("MultiAz"),
    }
