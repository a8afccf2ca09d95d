"""The runtime of every function: Python on arm64 with AWS's Powertools layer, JSON logs."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from troposphere import Equals, If, Ref, Sub
from troposphere.awslambda import Code, LoggingConfig

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.parts.functions.function_settings import FunctionSettings

_RUNTIME: Final = "python3.14"
_ARCHITECTURE: Final = "arm64"
# AWS publishes Powertools in the account 017000801446, in every commercial region.
_POWERTOOLS: Final = (
    "arn:${AWS::Partition}:lambda:${AWS::Region}:017000801446:layer:"
    "AWSLambdaPowertoolsPythonV3-python314-arm64:${PowertoolsLayerVersion}"
)


class _JsonLogging(LoggingConfig):  # type: ignore[misc] # troposphere has no types
    """LoggingConfig with the property that troposphere 4.11 lacks."""

    props: ClassVar = {**LoggingConfig.props, "LogFormat": (str, True)}


def declare_conditions(blueprint: Blueprint, settings: FunctionSettings) -> None:
    """Declare the parameters and conditions of `json_logging`."""
    blueprint.condition("IsDebugging", Equals(settings.log_level, "DEBUG"))


def runtime(settings: FunctionSettings) -> dict[str, Any]:
    """A function's properties for code, runtime and layers."""
    return {
        "Runtime": _RUNTIME,
        "Architectures": [_ARCHITECTURE],
        "Code": Code(S3Bucket=settings.bucket, S3Key=settings.code_key),
        "Layers": [Sub(_POWERTOOLS)],
        "KmsKeyArn": settings.key_arn,
    }


def telemetry(name: str, settings: FunctionSettings) -> dict[str, Any]:
    """The variables that Powertools reads. `name` is the name in logs, traces and metrics."""
    return {
        "POWERTOOLS_SERVICE_NAME": name,
        "POWERTOOLS_METRICS_NAMESPACE": Ref("Prefix"),
        "POWERTOOLS_LOG_LEVEL": settings.log_level,
    }


def json_logging(log_group: Any) -> LoggingConfig:
    """JSON log lines in the function's own group."""
    return _JsonLogging(
        LogFormat="JSON",
        LogGroup=Ref(log_group),
        ApplicationLogLevel=If("IsDebugging", "DEBUG", "INFO"),
        SystemLogLevel="INFO",
    )
