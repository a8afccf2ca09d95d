"""Deployments of REST APIs: the parts of a template that they freeze.

A deployment is a copy of the API as it is defined when the deployment is created; callers see the
copy (API Gateway guide, "Deploy REST APIs in API Gateway").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_API: Final = "AWS::ApiGateway::RestApi"
_PARTS: Final = frozenset(
    f"AWS::ApiGateway::{kind}"
    for kind in (
        "Authorizer",
        "GatewayResponse",
        "Method",
        "Model",
        "RequestValidator",
        "Resource",
    )
)
# Of the API itself; its name, its endpoint and its TLS are not part of the copy.
_OF_THE_API: Final = frozenset(
    {
        "ApiKeySourceType",
        "BinaryMediaTypes",
        "Body",
        "BodyS3Location",
        "MinimumCompressionSize",
        "Parameters",
        "Policy",
    }
)


def frozen_properties(resource: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of a resource that a deployment freezes; none for other types."""
    properties: dict[str, Any] = resource.get("Properties", {})
    if resource["Type"] in _PARTS:
        return properties
    if resource["Type"] == _API:
        return {name: value for name, value in properties.items() if name in _OF_THE_API}
    return {}
