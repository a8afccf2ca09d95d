"""REST APIs serve deployments: snapshots of their definition, filled with a stage's variables.

MiniStack keeps gateway responses with a deployment, and uses the current definition for everything
else. On AWS, a change "is not visible to callers until the API is deployed" again, also a change of
an authorizer (API Gateway guide, "Deploy REST APIs"). A deployment that a stage uses cannot be
deleted, and stage variables are replaced where the guide's "stage variables reference" lists them.
"""

from __future__ import annotations

import json
import re
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import apigateway_v1

if TYPE_CHECKING:
    from collections.abc import Mapping

# The stores of what a deployment freezes. Each maps the id of an API to its parts.
_FROZEN = ("_resources", "_authorizers_v1", "_models", "_request_validators")
_VARIABLE = re.compile(r"\$\{stageVariables\.(\w+)\}")

# The definition that the current request uses, by store.
_served: ContextVar[dict[str, Any] | None] = ContextVar("served", default=None)
# Id of an API -> id of a deployment -> its definition as JSON, by store.
_snapshots = AccountRegionScopedDict()


class _Store(AccountRegionScopedDict):  # type: ignore[misc] # MiniStack has no types
    """One of MiniStack's stores, which returns a request's snapshot."""

    def __init__(self, name: str, original: AccountRegionScopedDict) -> None:
        self._name = name
        self._data = original._data

    def get(self, key: str, default: Any = None) -> Any:
        served = _served.get()
        return super().get(key, default) if served is None else served[self._name]


def serve_deployments() -> None:
    for name in _FROZEN:
        setattr(apigateway_v1, name, _Store(name, getattr(apigateway_v1, name)))
    _freeze_with_deployments()
    _keep_what_stages_show()
    _serve_what_stages_show()


def _freeze_with_deployments() -> None:
    create = apigateway_v1._create_deployment

    def creating(api: str, data: dict[str, Any]) -> Any:
        answer = create(api, data)
        if api in apigateway_v1._rest_apis:
            definition = {name: getattr(apigateway_v1, name).get(api, {}) for name in _FROZEN}
            frozen = _snapshots.setdefault(api, {})
            frozen[json.loads(answer[2])["id"]] = json.dumps(definition)
        return answer

    apigateway_v1._create_deployment = creating


def _keep_what_stages_show() -> None:
    delete = apigateway_v1._delete_deployment

    def deleting(api: str, deployment: str) -> Any:
        stages = apigateway_v1._stages_v1.get(api, {}).values()
        if any(stage["deploymentId"] == deployment for stage in stages):
            message = "Active stages pointing to this deployment must be moved or deleted"
            return apigateway_v1._v1_error("BadRequestException", message, 400)
        _snapshots.get(api, {}).pop(deployment, None)
        return delete(api, deployment)

    apigateway_v1._delete_deployment = deleting


def _serve_what_stages_show() -> None:
    execute = apigateway_v1._execute_in_scope

    async def executing(request: Any, api: str, stage_name: str, *rest: Any) -> Any:
        stage = apigateway_v1._stages_v1.get(api, {}).get(stage_name, {})
        snapshot = _snapshots.get(api, {}).get(stage.get("deploymentId"))
        definition = _filled(snapshot, stage.get("variables") or {}) if snapshot else None
        before = _served.set(definition)
        try:
            return await execute(request, api, stage_name, *rest)
        finally:
            _served.reset(before)

    apigateway_v1._execute_in_scope = executing


def _filled(snapshot: str, variables: Mapping[str, str]) -> dict[str, Any]:
    def value(match: re.Match[str]) -> str:
        return json.dumps(variables.get(match[1], ""))[1:-1]

    definition: dict[str, Any] = json.loads(_VARIABLE.sub(value, snapshot))
    return definition
