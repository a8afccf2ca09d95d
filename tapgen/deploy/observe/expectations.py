"""Expected values that no declared property contains: healthy states, counts, the exact code."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from tapgen.aws.readers.apigateway import THERE
from tapgen.render.code.function_package import Code

_LOGGING_LEVELS: Final = frozenset({"ERROR", "INFO"})


def expected(
    resource: Mapping[str, Any], resources: Mapping[str, Mapping[str, Any]], code: Code | None
) -> dict[str, Any]:
    """Expected properties in addition to the declared ones, under the readers' names.

    `resources` are all resources of the stack; `code` is the code of its functions, None if
    unknown.
    """
    expectations: dict[str, dict[str, Any]] = {
        "AWS::ApiGateway::Stage": _logging(resource),
        "AWS::CertificateManager::Certificate": {"Status": "ISSUED"},
        "AWS::EC2::NatGateway": {"State": "available"},
        "AWS::EC2::VPC": {
            "DefaultSecurityGroup": {"Interfaces": 0, "Rules": 0},
            "NatGateways": _count(resources, "AWS::EC2::NatGateway"),
        },
        "AWS::KMS::Key": {"State": "Enabled"},
    }
    if code:
        digest = {"CodeSha256": b64encode(sha256(code.zip()).digest()).decode()}
        expectations |= {"AWS::Lambda::Function": digest, "AWS::Lambda::Version": digest}
    return expectations.get(resource["Type"], {})


def _logging(stage: Mapping[str, Any]) -> dict[str, str]:
    """A stage can write execution logs only if the account has a logging role."""
    settings = stage.get("Properties", {}).get("MethodSettings", [])
    logs = any(one.get("LoggingLevel") in _LOGGING_LEVELS for one in settings)
    return {"AccountLoggingRole": THERE} if logs else {}


def _count(resources: Mapping[str, Mapping[str, Any]], resource_type: str) -> int:
    return sum(resource["Type"] == resource_type for resource in resources.values())
