"""Log groups: encrypted, retained, with the retention in the environment's settings."""

from __future__ import annotations

from typing import Any, NamedTuple

from troposphere import If, Ref, Sub
from troposphere.logs import LogGroup

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.limits import LOG_RETENTION_DAYS
from tapgen.render.retained import RETAINED


class LogGroups(NamedTuple):
    """The log groups of a layer, which share a key, a retention and their protection."""

    blueprint: Blueprint
    key_arn: Any
    retention: Ref
    protected: If

    @classmethod
    def of(cls, blueprint: Blueprint, key_arn: Any) -> LogGroups:
        """Declare the retention parameter; `Protection` is declared by `Blueprint.protected`."""
        retention = blueprint.choice(
            "LogRetentionDays",
            "retention.cloudwatch_days",
            "Retention of log events, in days.",
            LOG_RETENTION_DAYS,
        )
        return cls(blueprint, key_arn, retention, blueprint.protected())

    def add(self, title: str, name: str) -> LogGroup:
        """Add a log group. `name` may name parameters, as in `/aws/lambda/${Prefix}-x`."""
        group: LogGroup = self.blueprint.add(
            LogGroup(
                title,
                LogGroupName=Sub(name),
                KmsKeyId=self.key_arn,
                RetentionInDays=self.retention,
                DeletionProtectionEnabled=self.protected,
                **RETAINED,
            )
        )
        return group
