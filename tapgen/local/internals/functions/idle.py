"""Functions that were idle for weeks.

Lambda releases the network resources of such a function: its state is Inactive, and the first
invocation fails and restores it, through Pending (Lambda developer guide, "Lambda function
states"). No function here is ever idle for weeks, so a test defines which ones are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.core.responses import AccountRegionScopedDict, error_response_json, request_scope
from ministack.services import apigateway_v1, lambda_svc

if TYPE_CHECKING:
    from collections.abc import Callable

RESTORING_SECONDS = 2.0

_IDLE = {
    "State": "Inactive",
    "StateReason": "The function is idle.",
    "StateReasonCode": "Idle",
}
_RESTORING = {
    "State": "Pending",
    "StateReason": "The function is being restored.",
    "StateReasonCode": "Restoring",
}
_called = AccountRegionScopedDict()
"""Functions that were idle and have been called since."""


def idle_ones(names: Callable[[], list[str]]) -> None:
    """Make the functions in `names()` idle until the first call, with all their versions."""
    invoke, call_raw = lambda_svc._invoke, apigateway_v1._call_lambda_raw

    async def invoking(name: str, *arguments: Any, **named: Any) -> Any:
        if state := _refuses(name, names()):
            return error_response_json(
                "ResourceConflictException",
                "The operation cannot be performed at this time. The function is currently in the "
                f"following state: {state}",
                409,
            )
        return await invoke(name, *arguments, **named)

    async def calling(reference: str, event: Any, *, account_id: str, region: str) -> Any:
        with request_scope(account_id, region):
            _, _, name = lambda_svc._get_func_record_for_ref(reference)
            if _refuses(name, names()):
                return None, "the function is not active"
        return await call_raw(reference, event, account_id=account_id, region=region)

    def looking(read: Callable[..., Any]) -> Callable[..., Any]:
        def reading(*arguments: Any) -> Any:
            _look(names())
            return read(*arguments)

        return reading

    lambda_svc._invoke = invoking
    lambda_svc._get_function_config = looking(lambda_svc._get_function_config)
    lambda_svc._get_function = looking(lambda_svc._get_function)
    apigateway_v1._call_lambda_raw = calling


def _look(idle: list[str]) -> None:
    for name in [name for name in _called if name not in idle]:
        del _called[name]
    for name in idle:
        if name not in _called:
            _set(name, _IDLE)


def _refuses(name: str, idle: list[str]) -> str | None:
    """The state in which a function is not called. An idle one is then being restored."""
    _look(idle)
    state = lambda_svc._functions.get(name, {}).get("config", {}).get("StateReasonCode")
    if state == _IDLE["StateReasonCode"]:
        _called[name] = True
        _set(name, _RESTORING)
        lambda_svc._schedule_state_transition(name, RESTORING_SECONDS)
        return _IDLE["State"]
    return _RESTORING["State"] if state == _RESTORING["StateReasonCode"] else None


def _set(name: str, state: dict[str, str]) -> None:
    function = lambda_svc._functions.get(name)
    if function is not None:
        for one in (function, *function["versions"].values()):
            one["config"].update(state)
