"""Calls through an alias with weights, and the metrics of every call.

"Lambda uses a simple probabilistic model to distribute the traffic between the two function
versions", and X-Amz-Executed-Version names the one that ran (Lambda developer guide, "Implement
Lambda canary deployments using a weighted alias"). Here the distribution is deterministic: with a
weight of 0.1, every tenth call goes to the additional version, starting with the first. MiniStack
stores weights, but calls only the main version.

A call counts for the function, for the version or alias that was named, and for each version behind
an alias (same guide, "Viewing metrics for Lambda functions", Dimensions). MiniStack counts only
direct calls, and only for the function.
"""

from __future__ import annotations

import threading
import time
from contextvars import ContextVar, copy_context
from typing import Any, Final

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import cloudwatch, lambda_svc

from tapgen.local.internals import routing

_LATER_SECONDS: Final = 0.3
_ALIAS: Final = "_called_alias"
_NAMESPACE: Final = "AWS/Lambda"
_QUALIFIER: Final = 7  # the part of a function's ARN that names a version or alias
_CLOSE: Final = 1e-9
# The version that has run, for the response to a direct call.
_executed: ContextVar[list[str] | None] = ContextVar("executed", default=None)


class _Shares:
    """The share of a call that each additional version of an alias is still owed."""

    def __init__(self) -> None:
        self._owed = AccountRegionScopedDict()
        self._lock = threading.Lock()
        routing.reset_with("lambda", self)

    def next(self, name: str, alias: dict[str, Any]) -> str:
        """The version that the next call through the alias goes to."""
        with self._lock:
            return self._next(name, alias)

    def _next(self, name: str, alias: dict[str, Any]) -> str:
        weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
        key = (name, alias["Name"])
        before, owed = self._owed.get(key, (None, {}))
        if before != weights:
            owed = {version: 1.0 - weight for version, weight in weights.items()}
        owed = {version: owed[version] + weight for version, weight in weights.items()}
        chosen = next((one for one, share in owed.items() if share > 1 - _CLOSE), None)
        if chosen is not None:
            owed[chosen] -= 1
        self._owed[key] = (dict(weights), owed)
        return str(chosen or alias.get("FunctionVersion", "$LATEST"))

    def reset(self) -> None:
        self._owed.clear()


def follow_weights() -> None:
    """Let calls follow the weights of an alias, and count them."""
    shares, looks = _Shares(), _Looks()
    effective, dispatch = (
        lambda_svc._effective_func_record_for_qualifier,
        lambda_svc._execute_function_dispatch,
    )
    invoke = lambda_svc._invoke

    def resolving(function: Any, qualifier: str | None) -> Any:
        record, config = effective(function, qualifier)
        if record is not None and qualifier in function.get("aliases", {}):
            record = {**record, _ALIAS: qualifier}
        return record, config

    def dispatching(record: Any, config: Any, event: Any, request: str, started: float) -> Any:
        name = config["FunctionName"]
        qualifier = record.get(_ALIAS) or _qualifier(config["FunctionArn"])
        function = lambda_svc._functions.get(name) or {}
        alias = function.get("aliases", {}).get(qualifier)
        if alias is not None:
            record, config = _version(function, shares.next(name, alias), record, config)
        begun = time.monotonic()
        result = dispatch(record, config, event, request, started)
        if (executed := _executed.get()) is not None:
            executed.append(config["Version"])
        resource = f"{name}:{qualifier}" if qualifier else name
        version = config["Version"] if alias is not None else ""
        _count(name, resource, version, time.monotonic() - begun, failed=bool(result.get("error")))
        looks.soon()
        return result

    async def invoking(*arguments: Any, **named: Any) -> Any:
        executed: list[str] = []
        token = _executed.set(executed)
        try:
            status, headers, body = await invoke(*arguments, **named)
        finally:
            _executed.reset(token)
        if executed:
            headers = {**headers, "X-Amz-Executed-Version": executed[0]}
        return status, headers, body

    def throttling(name: str, duration_ms: float, error: bool, throttle: bool) -> None:  # noqa: ARG001 - MiniStack's signature
        # The call is counted above; a direct call reports its throttling twice.
        if throttle and not duration_ms:
            _record("Throttles", 1, "Count", {"FunctionName": name})
            looks.soon()

    lambda_svc._effective_func_record_for_qualifier = resolving
    lambda_svc._execute_function_dispatch = dispatching
    lambda_svc._invoke = invoking
    lambda_svc._emit_lambda_metrics = throttling


def _qualifier(arn: str) -> str:
    parts = arn.split(":")
    return parts[_QUALIFIER] if len(parts) > _QUALIFIER else ""


def _version(function: Any, version: str, record: Any, config: Any) -> tuple[Any, Any]:
    """The record and configuration of a version, instead of those that were found first."""
    chosen = function["versions"].get(version)
    if version == config["Version"] or chosen is None:
        return record, config
    arn = chosen["config"]["FunctionArn"] if _ALIAS in record else config["FunctionArn"]
    config = {**chosen["config"], "FunctionArn": arn}
    return {**chosen, "config": config}, config


def _count(name: str, resource: str, version: str, seconds: float, *, failed: bool) -> None:
    by = {"FunctionName": name}
    for dimensions in (by, {**by, "Resource": resource}, _behind_alias(by, resource, version)):
        if dimensions:
            _record("Invocations", 1, "Count", dimensions)
            _record("Errors", int(failed), "Count", dimensions)
            _record("Duration", round(seconds * 1000), "Milliseconds", dimensions)


def _behind_alias(by: dict[str, str], resource: str, version: str) -> dict[str, str]:
    return {**by, "Resource": resource, "ExecutedVersion": version} if version else {}


def _record(metric: str, value: float, unit: str, dimensions: dict[str, str]) -> None:
    """Store a measurement. Equal values within a second are one point with a count."""
    key = (_NAMESPACE, metric, cloudwatch._dims_key(dimensions))
    points, now = cloudwatch._metric_bucket(key), time.time()
    if points and points[-1]["Value"] == value and now - points[-1]["_since"] < 1:
        points[-1] |= {"Count": points[-1]["Count"] + 1, "Timestamp": now}
        return
    point = {"Timestamp": now, "_since": now, "Value": float(value), "Count": 1.0}
    points.append({**point, "Unit": unit, "Dimensions": dimensions})


class _Looks:
    """Evaluates an account's alarms shortly after new measurements, once for all of them."""

    def __init__(self) -> None:
        self._due = AccountRegionScopedDict()

    def soon(self) -> None:
        if "look" not in self._due:
            self._due["look"] = True
            timer = threading.Timer(_LATER_SECONDS, copy_context().run, [self._look])
            timer.daemon = True
            timer.start()

    def _look(self) -> None:
        self._due.pop("look", None)
        cloudwatch._evaluate_all_alarms()
