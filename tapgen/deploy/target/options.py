"""How CloudFormation is asked to carry a deployment out, beside what is deployed.

Settings `deployment.*` of the environment, and options of the command line, which win.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from tapgen.errors import RefusedError
from tapgen.model.deployed.stack_status import usable
from tapgen.model.stack import Stack
from tapgen.settings.environment import Environment

if TYPE_CHECKING:
    from tapgen.deploy.target.target import Target

_ALARM: Final = "AWS::CloudWatch::Alarm"
# The alarms that say that callers are hurt. A stack takes five triggers at most (RollbackTriggers
# in the CloudFormation API), and only of its own region.
ROLLBACK_ALARMS: Final = (
    ("observability", "Api5xxAlarm"),
    ("observability", "PaymentProcessorErrorsAlarm"),
    ("observability", "SessionManagerErrorsAlarm"),
    ("observability", "TransactionsThrottlesAlarm"),
    ("cdn", "ErrorRateAlarm"),
)


@dataclass(frozen=True)
class Options:
    """Options of the operations on every stack.

    `express` counts a stack as done when its configuration is applied; `role_arn` is the role that
    CloudFormation uses; `notification_arns` are SNS topics; `rollback_alarms` rolls an update back
    when an alarm goes off during it or within `monitoring_minutes` (0-180) after it.
    """

    express: bool = False
    role_arn: str | None = None
    notification_arns: tuple[str, ...] = ()
    rollback_alarms: bool = False
    monitoring_minutes: int = 0

    @classmethod
    def of(cls, environment: Environment) -> Options:
        """What the environment's settings say."""
        settings = environment.settings.deployment
        topic = settings.notification_arn
        return cls(
            settings.express,
            settings.role_arn,
            (topic,) if topic else (),
            settings.rollback_alarms,
            settings.monitoring_minutes,
        )

    def overridden(
        self, *, express: bool, role_arn: str | None, notification_arns: tuple[str, ...]
    ) -> Options:
        """These options with those of the command line over them."""
        return replace(
            self,
            express=express or self.express,
            role_arn=role_arn or self.role_arn,
            notification_arns=notification_arns or self.notification_arns,
        )


def refuse_express(chosen: Iterable[tuple[Options, Environment]]) -> None:
    """Raise `RefusedError` for express mode where an environment is protected."""
    names = [one.name for options, one in chosen if options.express and one.protection]
    if names:
        raise RefusedError(
            f"express mode is not for {', '.join(names)}, which is protected: a stack would count "
            "as done before its resources are known to work",
            "Leave --express out.",
        )


def change_set_arguments(target: Target, stack: Stack, kind: str) -> dict[str, Any]:
    """Arguments of CreateChangeSet. Empty lists are sent too: they clear what was set before."""
    options = target.options
    arguments: dict[str, Any] = {"NotificationARNs": list(options.notification_arns)}
    if options.role_arn:
        arguments["RoleARN"] = options.role_arn
    # Rollback stays on: without it, express mode cannot replace anything.
    if options.express and kind != "IMPORT" and not target.account.connection.local:
        arguments["DeploymentConfig"] = {"Mode": "EXPRESS", "DisableRollback": False}
    if kind == "UPDATE":
        triggers = _triggers(target, stack.region) if options.rollback_alarms else []
        arguments["RollbackConfiguration"] = {"RollbackTriggers": triggers}
        if triggers:
            minutes = options.monitoring_minutes
            arguments["RollbackConfiguration"]["MonitoringTimeInMinutes"] = minutes
    return arguments


def _triggers(target: Target, region: str) -> list[dict[str, str]]:
    """The deployed alarms of the region; a trigger that does not exist would fail the update."""
    found = []
    for layer in dict.fromkeys(layer for layer, _ in ROLLBACK_ALARMS):
        stack = target.stacks.get(layer)
        if stack is None or stack.region != region:
            continue
        if not usable(target.describe(layer).status):
            continue
        names = target.cloudformation(stack).resources(stack.name)
        place = f"{region}:{stack.account_id}"
        found += [
            {"Arn": f"arn:aws:cloudwatch:{place}:alarm:{names[alarm][1]}", "Type": _ALARM}
            for owner, alarm in ROLLBACK_ALARMS
            if owner == layer and alarm in names
        ]
    return found
