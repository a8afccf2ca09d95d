"""Updates of REST APIs: another TLS takes about a quarter of an hour, and nothing else meanwhile.

"If you change your security policy, it takes about 15 minutes for the update to complete", and the
API's status is UPDATING (API Gateway guide, "How to change a security policy"). That an update is
refused meanwhile is from reports; its words are not documented.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import apigateway_v1

if TYPE_CHECKING:
    from collections.abc import Callable

TLS_SECONDS: Final = 900.0
_TLS: Final = ("/securityPolicy", "/endpointAccessMode")


def take_time(shortened: Callable[[float], float]) -> None:
    """Let changes of an API's TLS take their time; `shortened` gives seconds for AWS's."""
    update, view = apigateway_v1._update_rest_api, apigateway_v1._rest_api_view
    until = AccountRegionScopedDict()

    def under_way(api: str) -> bool:
        return bool(until.get(api, 0.0) > time.monotonic())

    def updating(api: str, data: dict[str, Any]) -> Any:
        if under_way(api):
            message = "There is already an update in progress for this API"
            return apigateway_v1._v1_error("ConflictException", message, 409)
        answer = update(api, data)
        if any(patch["path"] in _TLS for patch in data.get("patchOperations", ())):
            until[api] = time.monotonic() + shortened(TLS_SECONDS)
        return answer

    def viewing(api: dict[str, Any]) -> dict[str, Any]:
        status = "UPDATING" if under_way(api["id"]) else "AVAILABLE"
        return {**view(api), "apiStatus": status}

    apigateway_v1._update_rest_api = updating
    apigateway_v1._rest_api_view = viewing
