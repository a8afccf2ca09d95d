"""The parameters that size the functions and connect them to other layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tapgen.model.limits import CODE_KEY
from tapgen.model.stack import CODE_KEY_SETTING
from tapgen.payments import limits
from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.parts.data.tables import TABLES

if TYPE_CHECKING:
    from troposphere import Ref


class FunctionSettings(NamedTuple):
    """References to the compute layer's parameters. `tables` is keyed by the tables' titles."""

    memory_mb: Ref
    timeout_seconds: Ref
    reserved_concurrency: Ref
    log_level: Ref
    powertools_version: Ref
    code_key: Ref
    bucket: Ref
    key_arn: Ref
    subnet_ids: Ref
    security_group: Ref
    tables: dict[str, Ref]

    @classmethod
    def of(cls, blueprint: Blueprint) -> FunctionSettings:
        """Declare the parameters."""
        _declare_lifetimes(blueprint)
        return cls(
            **_sizes(blueprint),
            **_inputs(blueprint),
            log_level=blueprint.choice(
                "LogLevel", "functions.log_level", "Lowest level logged.", limits.LOG_LEVELS
            ),
            code_key=blueprint.text(
                "CodeKey",
                CODE_KEY_SETTING,
                "Object key of the code, with its SHA-256.",
                pattern=CODE_KEY,
            ),
        )


def _sizes(blueprint: Blueprint) -> dict[str, Any]:
    return {
        "memory_mb": blueprint.number(
            "MemoryMb",
            "functions.memory_mb",
            "Memory of each function in MB.",
            limits.MEMORY_MB,
        ),
        "timeout_seconds": blueprint.number(
            "TimeoutSeconds",
            "functions.timeout_seconds",
            "Timeout of each function in seconds.",
            limits.FUNCTION_TIMEOUT_SECONDS,
        ),
        "reserved_concurrency": blueprint.number(
            "ReservedConcurrency",
            "functions.reserved_concurrency",
            "Reserved concurrency of each function; 0: none.",
            limits.RESERVED_CONCURRENCY,
        ),
        "powertools_version": blueprint.number(
            "PowertoolsLayerVersion",
            "functions.powertools_layer_version",
            "Version of the Powertools layer.",
            limits.LAYER_VERSION,
        ),
    }


def _declare_lifetimes(blueprint: Blueprint) -> None:
    blueprint.number(
        "SessionTtlSeconds",
        "functions.session_ttl_seconds",
        "Lifetime of a session in seconds.",
        limits.SESSION_TTL_SECONDS,
    )
    blueprint.number(
        "IdempotencyTtlSeconds",
        "functions.idempotency_ttl_seconds",
        "How long an Idempotency-Key is remembered, in seconds.",
        limits.IDEMPOTENCY_TTL_SECONDS,
    )


def _inputs(blueprint: Blueprint) -> dict[str, Any]:
    return {
        "bucket": blueprint.input(
            "ArtifactsBucketName", "Bucket of the functions' code.", pattern=limits.BUCKET_NAME
        ),
        "key_arn": blueprint.input(
            "KeyArn", "KMS key of logs, queues and variables.", pattern=limits.KMS_KEY_ARN
        ),
        "subnet_ids": blueprint.input_list(
            "PrivateSubnetIds", "Subnets of the functions.", type_="List<AWS::EC2::Subnet::Id>"
        ),
        "security_group": blueprint.input(
            "LambdaSecurityGroupId",
            "Security group of the functions.",
            pattern=limits.SECURITY_GROUP_ID,
        ),
        "tables": {
            title: blueprint.input(
                f"{title}TableName",
                f"Name of the {title} table.",
                pattern=limits.RESOURCE_NAME,
            )
            for title in TABLES
        },
    }
