"""Options of a deployment as arguments of CreateChangeSet."""

from __future__ import annotations

from typing import Any, Final

from tapgen.deploy.target.target import Target
from tapgen.model.deployed.stack_status import usable
from tapgen.model.stack import Stack

_ALARM: Final = "AWS::CloudWatch::Alarm"


def change_set_arguments(target: Target, stack: Stack, kind: str) -> dict[str, Any]:
    """Arguments of CreateChangeSet. Empty lists are sent too: they clear earlier values.

    An import accepts none of them ("you cannot modify or add"). If no role is named, CloudFormation
    uses the stack's last one; the update after an import sets the others.
    """
    if kind == "IMPORT":
        return {}
    options = target.options
    arguments: dict[str, Any] = {"NotificationARNs": list(options.notification_arns)}
    if options.role_arn:
        arguments["RoleARN"] = options.role_arn
    # Rollback stays on: without it, express mode cannot replace anything.
    if options.express and not target.account.connection.local:
        arguments["DeploymentConfig"] = {"Mode": "EXPRESS", "DisableRollback": False}
    if kind == "UPDATE":
        triggers = _triggers(target, stack.region) if options.rollback_alarms else []
        arguments["RollbackConfiguration"] = {"RollbackTriggers": triggers}
        if triggers:
            minutes = options.monitoring_minutes
            arguments["RollbackConfiguration"]["MonitoringTimeInMinutes"] = minutes
    return arguments


def _triggers(target: Target, region: str) -> list[dict[str, str]]:
    """The deployed alarms of the region. A trigger that does not exist would fail the update."""
    found = []
    alarms = target.platform.rollback_alarms
    for layer in dict.fromkeys(layer for layer, _ in alarms):
        stack = target.stacks.get(layer)
        if stack is None or stack.region != region:
            continue
        if not usable(target.describe(layer).status):
            continue
        names = target.cloudformation(stack).resources(stack.name)
        place = f"{region}:{stack.account_id}"
        found += [
            {"Arn": f"arn:aws:cloudwatch:{place}:alarm:{names[alarm][1]}", "Type": _ALARM}
            for owner, alarm in alarms
            if owner == layer and alarm in names
        ]
    return found
