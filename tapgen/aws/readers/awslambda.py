"""Functions, their versions and aliases. The code is read as its hash, never downloaded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from tapgen.aws.readers.values import AbsentError, Properties, renamed, tags
from tapgen.aws.resources.retained import Region

_SAME: Final = (
    "Architectures",
    "CodeSha256",
    "DeadLetterConfig",
    "Description",
    "Handler",
    "KMSKeyArn",
    "LoggingConfig",
    "MemorySize",
    "Role",
    "Runtime",
    "Timeout",
    "TracingConfig",
)
_CONFIGURATION: Final = {**{name: name for name in _SAME}, "KMSKeyArn": "KmsKeyArn"}
_NETWORK: Final = {"SecurityGroupIds": "SecurityGroupIds", "SubnetIds": "SubnetIds"}


def function(region: Region, name: str, declared: Mapping[str, Any]) -> Properties:
    """`CodeSha256` is the base64 of the package's SHA-256, as Lambda computes it."""
    found = region.client("lambda").get_function(FunctionName=name)
    configuration = found["Configuration"]
    return {
        "DeadLetterConfig": None,
        "KmsKeyArn": None,
        **renamed(configuration, _CONFIGURATION),
        "FunctionName": configuration["FunctionName"],
        "Environment": {
            "Variables": configuration.get("Environment", {}).get("Variables", {}),
        },
        "Layers": [layer["Arn"] for layer in configuration.get("Layers", [])],
        "ReservedConcurrentExecutions": found.get("Concurrency", {}).get(
            "ReservedConcurrentExecutions"
        ),
        "Tags": tags(found.get("Tags", {}), declared),
        "VpcConfig": renamed(configuration.get("VpcConfig", {}), _NETWORK),
    }


def version(region: Region, arn: str, _: Mapping[str, Any]) -> Properties:
    found = region.client("lambda").get_function_configuration(FunctionName=arn)
    return {
        "FunctionName": found["FunctionName"],
        "Description": found.get("Description", ""),
        "CodeSha256": found["CodeSha256"],
    }


def alias(region: Region, arn: str, _: Mapping[str, Any]) -> Properties:
    name, qualifier = arn.rsplit(":", 1)
    found = region.client("lambda").get_alias(FunctionName=name, Name=qualifier)
    return {
        "Name": found["Name"],
        "FunctionName": name.rpartition(":")[2],
        "FunctionVersion": found["FunctionVersion"],
        "RoutingConfig": _routing(found.get("RoutingConfig", {})),
    }


def _routing(found: Mapping[str, Any]) -> Properties | None:
    """Other versions that get a share of the calls, in the form of a template; None if none."""
    weights = found.get("AdditionalVersionWeights", {})
    each = [
        {"FunctionVersion": version, "FunctionWeight": weight}
        for version, weight in sorted(weights.items())
    ]
    return {"AdditionalVersionWeights": each} if each else None


def event_invoke_config(region: Region, _: str, declared: Mapping[str, Any]) -> Properties:
    found = region.client("lambda").get_function_event_invoke_config(
        FunctionName=declared["FunctionName"], Qualifier=declared["Qualifier"]
    )
    names = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds")
    return {name: found[name] for name in names if name in found}


def permission(region: Region, _: str, declared: Mapping[str, Any]) -> Properties:
    """The statement of the function's policy for the declared source.

    A function without permissions has no policy, which Lambda reports as not found.
    """
    policy = json.loads(
        region.client("lambda").get_policy(**_qualified(declared["FunctionName"]))["Policy"]
    )
    for statement in policy["Statement"]:
        source = statement.get("Condition", {}).get("ArnLike", {}).get("AWS:SourceArn")
        if source == declared["SourceArn"]:
            return {
                "Action": statement["Action"],
                "Principal": statement["Principal"]["Service"],
                "SourceArn": source,
            }
    raise AbsentError


def _qualified(arn: str) -> dict[str, str]:
    """A function's ARN has seven parts; the eighth is a version or an alias."""
    name, _, qualifier = arn.rpartition(":")
    if arn.count(":") < 7:  # noqa: PLR2004 - see above
        return {"FunctionName": arn}
    return {"FunctionName": name, "Qualifier": qualifier}
