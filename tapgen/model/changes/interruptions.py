"""Properties that AWS changes in place, with at most some interruption.

Their documentation says "Update requires: Some interruptions". The schemas of databases
nevertheless list some of them as conditional, and then a change set says that the database may be
replaced. No value ever causes that: CloudFormation's handler compares eleven other properties
before it replaces (`isChangeMutable` in
aws-cloudformation/aws-cloudformation-resource-providers-rds, aws-rds-dbinstance), and
ModifyDBInstance of RDS and of Neptune accepts these.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_MODIFIED: Final = "ModifyDBInstance changes it; the database may restart"
_RESTARTED: Final = "the database restarts, or fails over to its standby"
_RULES: Final = "rules are revoked and authorised again"

# (type, property) -> the interruption, for the types in use and similar ones.
INTERRUPTIONS: Final[Mapping[tuple[str, str], str]] = {
    ("AWS::DynamoDB::Table", "SSESpecification"): "the table is re-encrypted while it is updated",
    ("AWS::EC2::SecurityGroup", "SecurityGroupEgress"): _RULES,
    ("AWS::EC2::SecurityGroup", "SecurityGroupIngress"): _RULES,
    ("AWS::Neptune::DBInstance", "AutoMinorVersionUpgrade"): _MODIFIED,
    ("AWS::Neptune::DBInstance", "DBParameterGroupName"): _RESTARTED,
    ("AWS::Neptune::DBInstance", "PreferredMaintenanceWindow"): _MODIFIED,
    ("AWS::RDS::DBInstance", "AutoMinorVersionUpgrade"): _MODIFIED,
    # RDS user guide, "Backup retention period": from 0 and to 0.
    ("AWS::RDS::DBInstance", "BackupRetentionPeriod"): "switching backups on or off is an outage",
    ("AWS::RDS::DBInstance", "DBInstanceClass"): _RESTARTED,
    ("AWS::RDS::DBInstance", "DBParameterGroupName"): _RESTARTED,
    ("AWS::RDS::DBInstance", "EngineVersion"): "the database is unavailable during the upgrade",
    ("AWS::RDS::DBInstance", "MultiAZ"): "a standby is created or removed, which slows it",
    ("AWS::RDS::DBInstance", "PreferredMaintenanceWindow"): _MODIFIED,
    ("AWS::RDS::DBInstance", "StorageType"): "the storage is moved, for some types with an outage",
}
