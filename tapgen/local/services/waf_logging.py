"""The logging part of WAFv2, which MiniStack's WAFv2 lacks."""

from __future__ import annotations

from typing import Any

from ministack.core.responses import AccountRegionScopedDict

from tapgen.local.services.json_service import JsonService, ServiceError

_configurations = AccountRegionScopedDict()


def _put(request: dict[str, Any]) -> dict[str, Any]:
    configuration = {"ManagedByFirewallManager": False, **request["LoggingConfiguration"]}
    for destination in configuration["LogDestinationConfigs"]:
        # The name of a stream, log group or bucket for WAF logs needs a prefix (WAF guide).
        if "aws-waf-logs-" not in destination:
            raise ServiceError(
                "WAFInvalidParameterException",
                f"The log destination's name must start with aws-waf-logs-: {destination}",
            )
    _configurations[configuration["ResourceArn"]] = configuration
    return {"LoggingConfiguration": configuration}


def _get(request: dict[str, Any]) -> dict[str, Any]:
    if (configuration := _configurations.get(request["ResourceArn"])) is None:
        raise _missing()
    return {"LoggingConfiguration": configuration}


def _delete(request: dict[str, Any]) -> dict[str, Any]:
    if _configurations.pop(request["ResourceArn"], None) is None:
        raise _missing()
    return {}


def _list(_request: dict[str, Any]) -> dict[str, Any]:
    return {"LoggingConfigurations": list(_configurations.values())}


def _missing() -> ServiceError:
    return ServiceError(
        "WAFNonexistentItemException",
        "AWS WAF couldn't perform the operation because your resource doesn't exist.",
    )


SERVICE = JsonService(
    operations={
        "PutLoggingConfiguration": _put,
        "GetLoggingConfiguration": _get,
        "DeleteLoggingConfiguration": _delete,
        "ListLoggingConfigurations": _list,
    },
    clear=_configurations.clear,
)
