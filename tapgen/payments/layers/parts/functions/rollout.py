"""How a new version of a function takes over: all at once, or in steps that CodeDeploy takes.

CodeDeploy gives callers back to the old version when an alarm rings, and gives it none where the
check in front of the first step fails. One template serves every way: the deployment groups are
there in each environment, and an alias has an update policy only where the setting is not
`all-at-once` (CloudFormation template reference, "Condition functions": Fn::If may stand in an
UpdatePolicy). So all at once asks neither an alarm nor the check: a fix gets out while one rings.

The alarms belong to this layer: deployment groups name them, and all other alarms come after the
functions. Each counts what Lambda calls an error of one function, such as a start that fails, and
what the function has answered with 500, in a minute, which is no longer than any step. None looks
at both functions: while a stack goes back, CodeDeploy asks again, and another function's alarm
would keep it from doing so.
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

# The functions' own metric of what they answer with 500 (`functions.telemetry`).
_FAILURES: Final = "Failures"
_PERIOD_SECONDS: Final = 60
_GRADUAL: Final = "IsGradual"
_WAYS: Final = "Rollouts"
_CONFIGURATION: Final = "Name"


class Moved(NamedTuple):
    """A function whose alias is moved; `service` is its name without the prefix."""

    title: str
    service: str
    function: Function
    alias: str


class Rollouts:
    """Application, role and settings that the deployment groups of a layer share."""

    def __init__(self, blueprint: Blueprint, check: Function) -> None:
        """Declare parameters, and what all deployment groups share.

        `check` is the function that looks at a new version before callers meet it.
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
        """The role of CodeDeploy: it moves aliases of the environment's functions, calls the check.

        By name: an attribute of a function would count as changed with each of its versions.
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
        """Add a function's alarm and deployment group; gives the update policy of its alias."""
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
