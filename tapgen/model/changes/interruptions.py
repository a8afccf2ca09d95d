"""Properties that AWS changes in place, with some interruption at most.

Their documentation says "Update requires: Some interruptions". The schemas of databases call some
of them conditional all the same, and a change set says then that the database may be replaced. No
value of theirs ever does that: CloudFormation's handler of the type compares eleven others before
it replaces (`isChangeMutable` in aws-cloudformation/aws-cloudformation-resource-providers-rds,
aws-rds-dbinstance), and ModifyDBInstance of RDS and of Neptune takes these.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_MODIFIED: Final = "ModifyDBInstance changes it; the database may restart"
_RESTARTED: Final = "the database restarts, or fails over to its standby"
_RULES: Final = "rules are revoked and authorised again"

# (type, property) -> what interrupts, for the types in use and those of their kind.
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
    ("AWS::RDS::DBInstance", "EngineVersion"): "the database is upgraded while nobody reaches it",
    ("AWS::RDS::DBInstance", "MultiAZ"): "a standby is made or taken away, which slows it",
    ("AWS::RDS::DBInstance", "PreferredMaintenanceWindow"): _MODIFIED,
    ("AWS::RDS::DBInstance", "StorageType"): "the storage is moved, for some types with an outage",
}
