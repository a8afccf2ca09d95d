"""Lambda's refusals for aliases that MiniStack lacks: weights, and deletions.

An alias points to at most two versions, both published (Lambda developer guide, "Implement Lambda
canary deployments using a weighted alias"). The messages are those that LocalStack compares with
AWS's (its provider of Lambda:
https://github.com/localstack/localstack/blob/main/localstack-core/localstack/services/lambda_/provider.py).
The message about several versions is not AWS's.
"""

from __future__ import annotations

from typing import Any, Final

from ministack.core.responses import error_response_json
from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

_VERSION: Final = "AWS::Lambda::Version"
_LATEST: Final = "$LATEST"


def refuse_weights() -> None:
    """Refuse invalid weights, also for missing versions, when an alias is created or updated."""
    create, update = lambda_svc._create_alias, lambda_svc._update_alias

    def creating(function: str, data: dict[str, Any]) -> Any:
        return _refusal(function, {}, data) or create(function, data)

    def updating(function: str, name: str, data: dict[str, Any]) -> Any:
        known = lambda_svc._functions.get(function) or {}
        alias = known.get("aliases", {}).get(name, {})
        return _refusal(function, alias, data) or update(function, name, data)

    lambda_svc._create_alias = creating
    lambda_svc._update_alias = updating


def keep_versions() -> None:
    """Prevent a stack from deleting a version that an alias points to, or has a weight for.

    The message is from https://github.com/karl-cardenas-coding/go-lambda-cleanup/issues/45.
    MiniStack's DeleteFunction refuses it too, but its stacks do not use it.
    """
    handler = provisioners._RESOURCE_HANDLERS[_VERSION]
    delete = handler["delete"]

    def deleting(arn: str, properties: dict[str, Any]) -> None:
        name, version = arn.split(":")[-2:]
        aliases = (lambda_svc._functions.get(name) or {}).get("aliases", {})
        if at := sorted(alias for alias, one in aliases.items() if version in _versions(one)):
            raise ValueError(
                "Unable to delete version because the following aliases reference it: "
                f"[{', '.join(at)}] (Service: Lambda, Status Code: 409)"
            )
        delete(arn, properties)

    handler["delete"] = deleting


def _versions(alias: dict[str, Any]) -> set[str]:
    """The versions that receive calls through an alias."""
    weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    return {alias["FunctionVersion"], *weights}


def _refusal(function: str, alias: dict[str, Any], data: dict[str, Any]) -> Any:
    """Lambda's error for a request with invalid weights; None if they are valid."""
    weights = (data.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    main = data.get("FunctionVersion") or alias.get("FunctionVersion")
    if not weights:
        return None
    if main in weights:
        return _invalid(
            f"Invalid function version {main}. Function version {main} is already included in "
            "routing configuration."
        )
    if main == _LATEST or _LATEST in weights:
        return _invalid("$LATEST is not supported for an alias pointing to more than 1 version")
    if len(weights) > 1:
        return _invalid("An alias points to at most two versions.")
    versions = (lambda_svc._functions.get(function) or {}).get("versions", {})
    missing = next((one for one in weights if one not in versions), None)
    return lambda_svc._function_qualifier_not_found(function, missing) if missing else None


def _invalid(message: str) -> Any:
    return error_response_json("InvalidParameterValueException", message, 400)
