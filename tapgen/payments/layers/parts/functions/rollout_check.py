"""The check of new versions: a function that CodeDeploy calls before a version receives calls.

It is outside the VPC, because it calls Lambda and CodeDeploy, which a network without NAT cannot
reach. It needs no dead-letter queue: without its result, CodeDeploy rejects the version.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from awacs import awslambda, codedeploy, kms, logs, xray
from awacs.aws import Allow, Condition, Statement, StringEquals
from troposphere import GetAtt, Ref, Sub
from troposphere.awslambda import Environment, Function, TracingConfig

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.parts.functions.function_settings import FunctionSettings
from tapgen.payments.layers.parts.functions.published import Published
from tapgen.payments.layers.parts.functions.runtime import json_logging, runtime, telemetry
from tapgen.payments.layers.parts.iam.arns import arn, regional_service
from tapgen.payments.layers.parts.iam.service_role import allow, service_role
from tapgen.payments.layers.parts.logs.log_groups import LogGroups
from tapgen.render.accepted import accepted, because

if TYPE_CHECKING:
    from troposphere.iam import Role

_SERVICE: Final = "rollout-check"
_NAME: Final = f"${{Prefix}}-{_SERVICE}"
_MEMORY_MB: Final = 256
# Seven calls of half a minute at most, and two versions that may need minutes to become active.
# Without a result, CodeDeploy waits an hour.
_TIMEOUT_SECONDS: Final = 480


def add_check(
    blueprint: Blueprint,
    versions: Mapping[str, Published],
    settings: FunctionSettings,
    groups: LogGroups,
) -> Function:
    """Add the function, its role and its log group.

    `versions` maps its environment variables to the functions whose new versions it calls.
    """
    log_group = groups.add("RolloutCheckLogGroup", f"/aws/lambda/{_NAME}")
    # By name, because an attribute counts as changed with every change of its function.
    called = [arn("lambda", f"function:${{{one.function.title}}}:*") for one in versions.values()]
    role = blueprint.add(_role(called, GetAtt(log_group, "Arn"), settings.key_arn))
    function: Function = blueprint.add(
        Function(
            "RolloutCheckFunction",
            FunctionName=Sub(_NAME),
            Handler="functions.rollout_check.handler",
            MemorySize=_MEMORY_MB,
            Timeout=_TIMEOUT_SECONDS,
            Role=GetAtt(role, "Arn"),
            LoggingConfig=json_logging(log_group),
            TracingConfig=TracingConfig(Mode="Active"),
            Environment=Environment(
                Variables={
                    **{variable: Ref(one.version) for variable, one in versions.items()},
                    **telemetry(_SERVICE, settings),
                }
            ),
            Metadata=accepted(
                because(
                    "Without NAT it cannot reach Lambda.",
                    "LAMBDA_INSIDE_VPC",
                    "CKV_AWS_117",
                ),
                because(
                    "No result means no rollout.",
                    "LAMBDA_DLQ_CHECK",
                    "CKV_AWS_116",
                ),
                because(
                    "Called once per version.",
                    "LAMBDA_CONCURRENCY_CHECK",
                    "CKV_AWS_115",
                ),
            ),
            **runtime(settings),
        )
    )
    return function


def _role(called: list[Sub], log_group: Any, key: Any) -> Role:
    statements = [
        allow([logs.CreateLogStream, logs.PutLogEvents], log_group),
        allow([awslambda.GetFunctionConfiguration, awslambda.InvokeFunction], *called),
        allow(
            [
                codedeploy.PutLifecycleEventHookExecutionStatus,
                xray.PutTelemetryRecords,
                xray.PutTraceSegments,
            ],
            "*",
        ),
        Statement(
            Effect=Allow,
            Action=[kms.Decrypt],
            Resource=[key],
            Condition=Condition(StringEquals("kms:ViaService", regional_service("lambda"))),
        ),
    ]
    return service_role(
        "RolloutCheckRole",
        "lambda",
        "check-versions",
        statements,
        "X-Ray and the hook status have no resources.",
    )
