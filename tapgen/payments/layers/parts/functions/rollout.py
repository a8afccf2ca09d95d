"""Rollout of a function's new version: all at once, or in steps by CodeDeploy.

CodeDeploy rolls back to the old version when an alarm fires, and does not start if the check before
the first step fails. One template supports all settings: the deployment groups exist in each
environment, and an alias has an update policy only if the setting is not `all-at-once`
(CloudFormation template reference, "Condition functions": Fn::If is allowed in an UpdatePolicy). So
all-at-once uses neither alarms nor the check, and a fix can be deployed while an alarm is firing.

The alarms are in this layer because deployment groups name them, and all other alarms are created
after the functions. Each counts one function's errors in Lambda, such as a failed start, and its
500 responses, per minute, which is no longer than any step. None covers both functions: while a
stack rolls back, CodeDeploy checks again, and another function's alarm would block the rollback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from awacs import awslambda, cloudwatch
from troposphere import Equals, FindInMap, GetAtt, If, Not, NoValue, Ref, Sub
from troposphere.cloudwatch import Alarm
from troposphere.codedeploy import Alarm as Watched
from troposphere.codedeploy import (
    AlarmConfiguration,
    Application,
    AutoRollbackConfiguration,
    DeploymentGroup,
    DeploymentStyle,
)

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.parts.alarms.alarms import Series, added_up
from tapgen.payments.layers.parts.iam.arns import arn
from tapgen.payments.layers.parts.iam.service_role import allow, service_role
from tapgen.payments.limits import ALARM_COUNT, ALL_AT_ONCE, ROLLOUTS
from tapgen.render.accepted import accepted, because

if TYPE_CHECKING:
    from troposphere.awslambda import Function
    from troposphere.iam import Role

# The functions' own metric of 500 responses (`functions.telemetry`).
_FAILURES: Final = "Failures"
_PERIOD_SECONDS: Final = 60
_GRADUAL: Final = "IsGradual"
_WAYS: Final = "Rollouts"
_CONFIGURATION: Final = "Name"


class Moved(NamedTuple):
    """A function whose alias is moved. `service` is its name without the prefix."""

    title: str
    service: str
    function: Function
    alias: str


class Rollouts:
    """The application, role and settings that a layer's deployment groups share."""

    def __init__(self, blueprint: Blueprint, check: Function) -> None:
        """Declare the parameters, and the resources that all deployment groups share.

        `check` is the function that tests a new version before it receives calls.
        """
        self._blueprint = blueprint
        self._check = check
        way = blueprint.choice(
            "Rollout", "functions.rollout", "How a new version takes over.", tuple(ROLLOUTS)
        )
        self._errors = blueprint.number(
            "RolloutErrors",
            "alarms.rollout_errors",
            "Errors per minute that roll it back.",
            ALARM_COUNT,
        )
        blueprint.mapping(_WAYS, {name: {_CONFIGURATION: ROLLOUTS[name]} for name in ROLLOUTS})
        self._configuration = FindInMap(_WAYS, way, _CONFIGURATION)
        blueprint.condition(_GRADUAL, Not(Equals(way, ALL_AT_ONCE)))
        self._application = blueprint.add(
            Application("Rollouts", ApplicationName=Ref("Prefix"), ComputePlatform="Lambda")
        )
        self._role = self._add_role()

    def _add_role(self) -> Role:
        """The role of CodeDeploy, which moves aliases of the functions and calls the check.

        It uses names, because a function's attribute would count as changed with each version.
        """
        actions = [awslambda.GetAlias, awslambda.InvokeFunction, awslambda.UpdateAlias]
        statements = [
            allow(actions, arn("lambda", "function:${Prefix}-*")),
            allow([cloudwatch.DescribeAlarms], "*"),
        ]
        role: Role = self._blueprint.add(
            service_role(
                "RolloutRole",
                "codedeploy",
                "move-aliases",
                statements,
                "DescribeAlarms has no resource.",
            )
        )
        return role

    def add_group(self, function: Moved) -> If:
        """Add a function's alarm and deployment group. Returns the update policy of its alias."""
        alarm = self._add_alarm(function)
        group = self._blueprint.add(
            DeploymentGroup(
                f"{function.title}Rollout",
                ApplicationName=Ref(self._application),
                DeploymentGroupName=Ref(function.function),
                DeploymentConfigName=self._configuration,
                DeploymentStyle=DeploymentStyle(
                    DeploymentOption="WITH_TRAFFIC_CONTROL", DeploymentType="BLUE_GREEN"
                ),
                ServiceRoleArn=GetAtt(self._role, "Arn"),
                AlarmConfiguration=AlarmConfiguration(
                    Enabled=True, Alarms=[Watched(Name=Ref(alarm))]
                ),
                AutoRollbackConfiguration=AutoRollbackConfiguration(
                    Enabled=True,
                    Events=[
                        "DEPLOYMENT_FAILURE",
                        "DEPLOYMENT_STOP_ON_ALARM",
                        "DEPLOYMENT_STOP_ON_REQUEST",
                    ],
                ),
            )
        )
        update = {
            "ApplicationName": Ref(self._application),
            "DeploymentGroupName": Ref(group),
            "BeforeAllowTrafficHook": Ref(self._check),
        }
        return If(_GRADUAL, {"CodeDeployLambdaAliasUpdate": update}, NoValue)

    def _add_alarm(self, function: Moved) -> Alarm:
        name = function.function.title
        dimensions = {"FunctionName": Ref(name), "Resource": Sub(f"${{{name}}}:{function.alias}")}
        errors = Series("AWS/Lambda", "Errors", dimensions)
        failures = Series(Ref("Prefix"), _FAILURES, {"service": function.service})
        alarm: Alarm = self._blueprint.add(
            Alarm(
                f"{function.title}RolloutAlarm",
                AlarmName=Sub(f"${{Prefix}}-{function.service}-rollout"),
                ComparisonOperator="GreaterThanOrEqualToThreshold",
                EvaluationPeriods=1,
                Threshold=self._errors,
                TreatMissingData="notBreaching",
                Metrics=added_up([errors, failures], period=_PERIOD_SECONDS),
                Metadata=accepted(because("CodeDeploy reads it.", "CLOUDWATCH_ALARM_ACTION_CHECK")),
            )
        )
        return alarm
