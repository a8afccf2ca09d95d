"""The compute layer: functions payment-processor and session-manager, and how versions take over.

Each has its own role, log group and dead-letter queue, and only the environment variables that it
needs. Callers use the alias `live`, see `parts/functions/published.py`.
`parts/functions/rollout.py` moves it to a new version.

Lambda's own log filter stays at INFO, or DEBUG if that is the setting, because it would also drop
metrics, which are log lines without a level. Powertools applies the setting to the functions' own
log lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from awacs import dynamodb
from troposphere import Equals, GetAtt, If, Join, Not, NoValue, Ref, Select, Split, Sub
from troposphere.awslambda import (
    DeadLetterConfig,
    Environment,
    Function,
    TracingConfig,
    VPCConfig,
)

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.parts.data.tables import TABLES
from tapgen.payments.layers.parts.functions.dead_letters import add_dead_letter_queue
from tapgen.payments.layers.parts.functions.function_role import Surroundings, function_role
from tapgen.payments.layers.parts.functions.function_settings import FunctionSettings
from tapgen.payments.layers.parts.functions.published import (
    ALIAS,
    Published,
    add_alias,
    add_version,
    fingerprint,
)
from tapgen.payments.layers.parts.functions.rollout import Moved, Rollouts
from tapgen.payments.layers.parts.functions.rollout_check import add_check
from tapgen.payments.layers.parts.functions.runtime import (
    declare_conditions,
    json_logging,
    runtime,
    telemetry,
)
from tapgen.payments.layers.parts.iam.arns import arn
from tapgen.payments.layers.parts.logs.log_groups import LogGroups
from tapgen.render.accepted import accepted, because


class _FunctionKind(NamedTuple):
    """The differences between the functions.

    `tables` maps the titles of tables to the actions that the code calls on them. `lifetime` is the
    environment variable for how long it keeps data, in seconds, and the parameter that fills it.
    """

    title: str
    name: str
    tables: Mapping[str, Sequence[Any]]
    lifetime: tuple[str, str]

    @property
    def physical_name(self) -> str:
        return f"${{Prefix}}-{self.name}"

    @property
    def variable(self) -> str:
        """The variable with which the check of new versions gets this function's version."""
        return f"{self.name.replace('-', '_').upper()}_VERSION"

    @property
    def handler(self) -> str:
        return f"functions.{self.name.replace('-', '_')}.handler"


_FUNCTIONS: Final = (
    _FunctionKind(
        "PaymentProcessor",
        "payment-processor",
        {
            # A transactional write needs the permissions of its single writes.
            "Transactions": (dynamodb.GetItem, dynamodb.PutItem, dynamodb.Query),
            # No GetItem: a failed conditional write returns the record.
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
    """Two functions, each with all its resources, and the check of new versions."""
    blueprint = Blueprint("compute", "Functions payment-processor and session-manager.")
    blueprint.prefix()
    settings = FunctionSettings.of(blueprint)
    groups = LogGroups.of(blueprint, settings.key_arn)
    blueprint.condition("HasReservedConcurrency", Not(Equals(settings.reserved_concurrency, 0)))
    declare_conditions(blueprint, settings)
    published = [_add_function(blueprint, kind, settings, groups) for kind in _FUNCTIONS]
    check = add_check(
        blueprint,
        {kind.variable: one for kind, one in zip(_FUNCTIONS, published, strict=True)},
        settings,
        groups,
    )
    moved = [
        Moved(kind.title, kind.name, one.function, ALIAS)
        for kind, one in zip(_FUNCTIONS, published, strict=True)
    ]
    rollouts = Rollouts(blueprint, check)
    for function, one in zip(moved, published, strict=True):
        alias = add_alias(blueprint, function.title, one, rollouts.add_group(function))
        about = f"ARN of the live version of {function.service}."
        blueprint.output(f"{function.title}AliasArn", alias, about)
    blueprint.output("CodeKey", settings.code_key, "Object key of the functions' code.")
    return blueprint.finish()


def _add_function(
    blueprint: Blueprint, kind: _FunctionKind, settings: FunctionSettings, groups: LogGroups
) -> Published:
    """Add a function and its outputs. Returns it with its published version."""
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
        LoggingConfig=json_logging(log_group),
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
            "Off by default: new accounts have only ten.",
            "LAMBDA_CONCURRENCY_CHECK",
            "CKV_AWS_115",
        )
    )
    blueprint.add(function)
    blueprint.output(f"{kind.title}FunctionName", Ref(function), f"Name of {kind.name}.")
    blueprint.output(
        f"{kind.title}DlqName", GetAtt(queue, "QueueName"), f"Dead letters of {kind.name}."
    )
    return add_version(blueprint, kind.title, function, description)


def _common(kind: _FunctionKind, settings: FunctionSettings) -> dict[str, Any]:
    """Properties that follow from the kind of function and the settings."""
    return {
        "FunctionName": Sub(kind.physical_name),
        "Handler": kind.handler,
        "MemorySize": settings.memory_mb,
        "Timeout": settings.timeout_seconds,
        "VpcConfig": VPCConfig(
            SecurityGroupIds=[settings.security_group], SubnetIds=settings.subnet_ids
        ),
        "TracingConfig": TracingConfig(Mode="Active"),
        "Environment": Environment(Variables=_variables(kind, settings)),
        **runtime(settings),
    }


def _variables(kind: _FunctionKind, settings: FunctionSettings) -> dict[str, Any]:
    variable, parameter = kind.lifetime
    return {
        **{f"{title.upper()}_TABLE": settings.tables[title] for title in kind.tables},
        variable: Ref(parameter),
        **telemetry(kind.name, settings),
    }


def _frozen_values(kind: _FunctionKind, settings: FunctionSettings) -> list[Any]:
    """The parameters of `_common`, without those that never change for a prefix."""
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
