"""The compute layer: functions payment-processor and session-manager.

Each has a role, log group and dead-letter queue of its own and is told by its environment what it
needs and no more. Callers use the alias `live`, see `parts/published.py`.

Lambda's own log filter stays at INFO, or DEBUG where that is the setting: it would drop metrics,
which are log lines without a level, along with the rest. The setting goes to Powertools, which
filters the functions' own lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, NamedTuple

from awacs import dynamodb
from troposphere import Equals, GetAtt, If, Join, Not, NoValue, Ref, Select, Split, Sub
from troposphere.awslambda import (
    Code,
    DeadLetterConfig,
    Environment,
    Function,
    LoggingConfig,
    TracingConfig,
    VPCConfig,
)

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.parts.data.tables import TABLES
from tapgen.payments.layers.parts.functions.dead_letters import add_dead_letter_queue
from tapgen.payments.layers.parts.functions.function_role import Surroundings, function_role
from tapgen.payments.layers.parts.functions.function_settings import FunctionSettings
from tapgen.payments.layers.parts.functions.published import fingerprint, publish
from tapgen.payments.layers.parts.iam.arns import arn
from tapgen.payments.layers.parts.logs.log_groups import LogGroups
from tapgen.render.accepted import accepted, because

RUNTIME: Final = "python3.14"
ARCHITECTURE: Final = "arm64"
# 017000801446 is the account in which AWS publishes Powertools, in every commercial region.
_POWERTOOLS: Final = (
    "arn:${AWS::Partition}:lambda:${AWS::Region}:017000801446:layer:"
    "AWSLambdaPowertoolsPythonV3-python314-arm64:${PowertoolsLayerVersion}"
)


class _JsonLogging(LoggingConfig):  # type: ignore[misc] # troposphere has no types
    """LoggingConfig with the property that troposphere 4.11 lacks."""

    props: ClassVar = {**LoggingConfig.props, "LogFormat": (str, True)}


class _FunctionKind(NamedTuple):
    """What tells one function from another.

    `tables` maps the titles of tables to the actions its code calls on them; `lifetime` is the
    environment variable of how long it keeps things, in seconds, and the parameter that says so.
    """

    title: str
    name: str
    tables: Mapping[str, Sequence[Any]]
    lifetime: tuple[str, str]

    @property
    def physical_name(self) -> str:
        return f"${{Prefix}}-{self.name}"

    @property
    def handler(self) -> str:
        return f"functions.{self.name.replace('-', '_')}.handler"


_FUNCTIONS: Final = (
    _FunctionKind(
        "PaymentProcessor",
        "payment-processor",
        {
            # A transactional write needs the permission of the single write it consists of.
            "Transactions": (dynamodb.GetItem, dynamodb.PutItem, dynamodb.Query),
            # No GetItem: a conditional write that fails brings the record along.
            "Idempotency": (dynamodb.DeleteItem, dynamodb.PutItem, dynamodb.UpdateItem),
        },
        ("IDEMPOTENCY_TTL_SECONDS", "IdempotencyTtlSeconds"),
    ),
    _FunctionKind(
        "SessionManager",
        "session-manager",
        {"Sessions": (dynamodb.DeleteItem, dynamodb.GetItem, dynamodb.PutItem)},
        ("SESSION_TTL_SECONDS", "SessionTtlSeconds"),
    ),
)


def build() -> Blueprint:
    """Two functions, each with everything that belongs to it."""
    blueprint = Blueprint("compute", "Functions payment-processor and session-manager.")
    blueprint.prefix()
    settings = FunctionSettings.of(blueprint)
    groups = LogGroups.of(blueprint, settings.key_arn)
    blueprint.condition("HasReservedConcurrency", Not(Equals(settings.reserved_concurrency, 0)))
    blueprint.condition("IsDebugging", Equals(settings.log_level, "DEBUG"))
    for kind in _FUNCTIONS:
        _add_function(blueprint, kind, settings, groups)
    blueprint.output("CodeKey", settings.code_key, "Key of the code in the artifacts bucket.")
    return blueprint.finish()


def _add_function(
    blueprint: Blueprint, kind: _FunctionKind, settings: FunctionSettings, groups: LogGroups
) -> None:
    log_group = groups.add(f"{kind.title}LogGroup", f"/aws/lambda/{kind.physical_name}")
    queue = add_dead_letter_queue(
        blueprint, f"{kind.title}Dlq", f"{kind.physical_name}-dlq", settings.key_arn
    )
    role = blueprint.add(
        function_role(
            f"{kind.title}Role",
            Surroundings(
                name=kind.physical_name,
                log_group=GetAtt(log_group, "Arn"),
                dead_letters=GetAtt(queue, "Arn"),
                security_group=arn("ec2", "security-group/${LambdaSecurityGroupId}"),
                key=settings.key_arn,
                tables={f"${{{title}TableName}}": kind.tables[title] for title in kind.tables},
            ),
        )
    )
    function = Function(
        f"{kind.title}Function",
        DeadLetterConfig=DeadLetterConfig(TargetArn=GetAtt(queue, "Arn")),
        LoggingConfig=_logging(log_group),
        Role=GetAtt(role, "Arn"),
        **_common(kind, settings),
    )
    table_names = [TABLES[title] for title in kind.tables]
    description = fingerprint(function, _frozen_values(kind, settings), table_names)
    function.Description = description
    function.ReservedConcurrentExecutions = If(
        "HasReservedConcurrency", settings.reserved_concurrency, NoValue
    )
    function.Metadata = accepted(
        because(
            "A setting, off by default: new accounts have ten executions to share.",
            "LAMBDA_CONCURRENCY_CHECK",
            "CKV_AWS_115",
        )
    )
    blueprint.add(function)
    alias = publish(blueprint, kind.title, function, description)
    blueprint.output(f"{kind.title}FunctionName", Ref(function), f"Name of {kind.name}.")
    blueprint.output(f"{kind.title}AliasArn", alias, f"ARN of the live version of {kind.name}.")
    blueprint.output(f"{kind.title}DlqName", GetAtt(queue, "QueueName"), f"Queue of {kind.name}.")


def _common(kind: _FunctionKind, settings: FunctionSettings) -> dict[str, Any]:
    """Properties that follow from the kind of function and the settings."""
    return {
        "FunctionName": Sub(kind.physical_name),
        "Handler": kind.handler,
        "Runtime": RUNTIME,
        "Architectures": [ARCHITECTURE],
        "MemorySize": settings.memory_mb,
        "Timeout": settings.timeout_seconds,
        "Code": Code(S3Bucket=settings.bucket, S3Key=settings.code_key),
        "Layers": [Sub(_POWERTOOLS)],
        "VpcConfig": VPCConfig(
            SecurityGroupIds=[settings.security_group], SubnetIds=settings.subnet_ids
        ),
        "KmsKeyArn": settings.key_arn,
        "TracingConfig": TracingConfig(Mode="Active"),
        "Environment": Environment(Variables=_variables(kind, settings)),
    }


def _variables(kind: _FunctionKind, settings: FunctionSettings) -> dict[str, Any]:
    variable, parameter = kind.lifetime
    return {
        **{f"{title.upper()}_TABLE": settings.tables[title] for title in kind.tables},
        variable: Ref(parameter),
        "POWERTOOLS_SERVICE_NAME": kind.name,
        "POWERTOOLS_METRICS_NAMESPACE": Ref("Prefix"),
        "POWERTOOLS_LOG_LEVEL": settings.log_level,
    }


def _logging(log_group: Any) -> _JsonLogging:
    return _JsonLogging(
        LogFormat="JSON",
        LogGroup=Ref(log_group),
        ApplicationLogLevel=If("IsDebugging", "DEBUG", "INFO"),
        SystemLogLevel="INFO",
    )


def _frozen_values(kind: _FunctionKind, settings: FunctionSettings) -> list[Any]:
    """The parameters of `_common`, without what never changes under one prefix."""
    return [
        Select(1, Split("/", settings.code_key)),
        settings.memory_mb,
        settings.timeout_seconds,
        settings.log_level,
        Ref(kind.lifetime[1]),
        settings.powertools_version,
        Select(1, Split("/", settings.key_arn)),
        settings.security_group,
        Join(",", settings.subnet_ids),
    ]
