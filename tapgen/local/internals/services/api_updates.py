"""TLS policies of REST APIs: stored, refused where AWS refuses them, and slow to change.

"If you change your security policy, it takes about 15 minutes for the update to complete", and the
API's status is UPDATING (API Gateway guide, "How to change a security policy"). An update in the
meantime is refused (with the message in hashicorp/terraform-provider-aws#45905). Policies that
start with "SecurityPolicy_" need an endpoint access mode (same guide, "Security policies for REST
APIs").
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import apigateway_v1

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_POLICY: Final = "securityPolicy"
_MODE: Final = "endpointAccessMode"
_ENHANCED: Final = "SecurityPolicy_"
_NEEDS_MODE: Final = "Endpoint access mode is required for the specified security policy"
_UNDER_WAY: Final = (
    "There is already an update in progress. Please wait until the current update finishes before "
    "making another request."
)


def take_time(seconds: Callable[[], float]) -> None:
    """Store APIs' TLS policies, and let a change take `seconds()`."""
    create, update = apigateway_v1._create_rest_api, apigateway_v1._update_rest_api
    view = apigateway_v1._rest_api_view
    begun = AccountRegionScopedDict()

    def under_way(api: str) -> bool:
        return api in begun and begun[api] + seconds() > time.monotonic()

    def creating(data: dict[str, Any]) -> Any:
        if message := refused(data):
            return _bad_request(message)
        status, headers, body = create(data)
        api = json.loads(body)
        keep(api["id"], data)
        return status, headers, json.dumps(api | _tls(data)).encode()

    def updating(api: str, data: dict[str, Any]) -> Any:
        before = _tls(apigateway_v1._rest_apis.get(api) or {})
        patches = data.get("patchOperations", ())
        after = before | _tls({one["path"].strip("/"): one.get("value") for one in patches})
        if message := _UNDER_WAY if under_way(api) else refused(after):
            return _bad_request(message)
        answer = update(api, data)
        if after != before:
            begun[api] = time.monotonic()
        return answer

    def viewing(api: dict[str, Any]) -> dict[str, Any]:
        status = "UPDATING" if under_way(api["id"]) else "AVAILABLE"
        return {**view(api), "apiStatus": status}

    apigateway_v1._create_rest_api = creating
    apigateway_v1._update_rest_api = updating
    apigateway_v1._rest_api_view = viewing


def keep(api: str, tls: Mapping[str, Any]) -> None:
    """Store the TLS policy of a new API."""
    apigateway_v1._rest_apis[api].update(_tls(tls))


def refused(tls: Mapping[str, Any]) -> str:
    """AWS's reason to refuse an API with this TLS policy; empty if there is none."""
    enhanced = str(tls.get(_POLICY, "")).startswith(_ENHANCED)
    return _NEEDS_MODE if enhanced and not tls.get(_MODE) else ""


def _tls(api: Mapping[str, Any]) -> dict[str, Any]:
    return {name: api[name] for name in (_POLICY, _MODE) if name in api}


def _bad_request(message: str) -> Any:
    return apigateway_v1._v1_error("BadRequestException", message, 400)
