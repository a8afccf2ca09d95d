"""Evaluation of alarms, on their own metric or on several with metric math.

CloudWatch evaluates an alarm's last periods, each with a value or without one, and goes into ALARM
if enough of them breach. TreatMissingData defines the meaning of a period without a value
(CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data"). Here an alarm is
evaluated when something is measured and when it is read, and its periods end at that moment.
MiniStack uses every metric of the same name, whatever its dimensions, and has no metric math.

A state that was set by hand stays until something new is measured. On AWS, it stays until the next
evaluation, usually within a minute (CloudWatch API reference, SetAlarmState).
"""

from __future__ import annotations

import ast
import operator
import time
from typing import TYPE_CHECKING, Any, Final

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import cloudwatch

from tapgen.local.internals import records

if TYPE_CHECKING:
    from collections.abc import Callable

_BREACHES: Final[dict[str, Callable[[float, float], bool]]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}
_WORDS: Final = {
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "GreaterThanThreshold": "greater than",
    "LessThanOrEqualToThreshold": "less than or equal to",
    "LessThanThreshold": "less than",
}
_ARITHMETIC: Final[dict[type[ast.operator], Callable[[float, float], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_PERIOD: Final = 60

Value = float | None
"""The value of one period; None if nothing was measured."""


class NotUnderstoodError(Exception):
    """Metric math that is not supported here."""


def evaluate_alarms() -> None:
    """Let metrics determine the state of alarms."""
    describe, set_state, put = (
        cloudwatch._describe_alarms,
        cloudwatch._set_alarm_state,
        cloudwatch._put_metric_alarm,
    )
    held = AccountRegionScopedDict()  # name -> when its state was set by hand

    def evaluating(alarm: dict[str, Any]) -> None:
        try:
            queries = _queries(alarm)
            if _newest(queries) < held.get(alarm["AlarmName"], 0.0):
                return
            state, reason = _state(alarm, queries)
        except NotUnderstoodError:
            return
        held.pop(alarm["AlarmName"], None)
        _become(alarm, state, reason)

    def describing(*request: Any) -> Any:
        cloudwatch._evaluate_all_alarms()
        return describe(*request)

    def setting(parameters: Any, document: Any, *protocol: Any) -> Any:
        name = document.get("AlarmName") or cloudwatch._p(parameters, "AlarmName")
        held[name] = time.time()
        return set_state(parameters, document, *protocol)

    def putting(parameters: Any, document: Any, *protocol: Any) -> Any:
        answer = put(parameters, document, *protocol)
        if document.get("Metrics") and document["AlarmName"] in cloudwatch._alarms:
            records.set_alarm_metrics(document["AlarmName"], document["Metrics"])
        return answer

    cloudwatch._evaluate_alarm = evaluating
    cloudwatch._put_metric_alarm = putting
    cloudwatch._describe_alarms = describing
    cloudwatch._set_alarm_state = setting


def _queries(alarm: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The alarm's metrics by id. An alarm on a single metric has one with an empty id."""
    if not alarm.get("MetricName"):
        return {query["Id"]: query for query in alarm.get("Metrics", ())}
    metric = {name: alarm.get(name) for name in ("Namespace", "MetricName", "Dimensions")}
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    period = alarm.get("Period") or _PERIOD
    return {"": {"MetricStat": {"Metric": metric, "Stat": statistic, "Period": period}}}


def _points(query: dict[str, Any]) -> list[dict[str, Any]]:
    """The measurements of a query's metric; empty for an expression."""
    metric = query.get("MetricStat", {}).get("Metric", {})
    dimensions = cloudwatch._dims_from_list(metric.get("Dimensions") or [])
    key = (metric.get("Namespace"), metric.get("MetricName"), cloudwatch._dims_key(dimensions))
    found: list[dict[str, Any]] = cloudwatch._metrics.get(key) or []
    return found


def _newest(queries: dict[str, dict[str, Any]]) -> float:
    """The time of the last measurement; 0.0 if there is none."""
    measured = (point["Timestamp"] for query in queries.values() for point in _points(query))
    return max(measured, default=0.0)


def _state(alarm: dict[str, Any], queries: dict[str, dict[str, Any]]) -> tuple[str, str]:
    """The state that follows from the last periods, and its reason."""
    comparison = alarm["ComparisonOperator"]
    if comparison not in _BREACHES:  # of a band that was learned
        raise NotUnderstoodError
    periods = int(alarm.get("EvaluationPeriods") or 1)
    needed = int(alarm.get("DatapointsToAlarm") or periods)
    values = _values(queries, periods)
    missing = alarm.get("TreatMissingData") or "missing"
    threshold = float(alarm["Threshold"])
    known = [value for value in values if value is not None]
    breaching = sum(_BREACHES[comparison](value, threshold) for value in known)
    absent = len(values) - len(known)
    if missing == "breaching":
        breaching += absent
    if not known and missing == "ignore":
        return alarm["StateValue"], alarm["StateReason"]
    if not known and missing == "missing":
        return "INSUFFICIENT_DATA", f"Insufficient Data: {absent} datapoint(s) were unknown."
    state = "ALARM" if breaching >= needed else "OK"
    if not known:
        return state, (
            f"Threshold Crossed: no datapoints were received for {absent} period(s) and {absent} "
            f"missing datapoint(s) were treated as [{_TREATED[missing]}]."
        )
    was = "was" if state == "ALARM" else "was not"
    return state, (
        f"Threshold Crossed: {breaching} out of the last {periods} datapoints {known} {was} "
        f"{_WORDS[comparison]} the threshold ({threshold})."
    )


_TREATED: Final = {"breaching": "Breaching", "notBreaching": "NonBreaching"}


def _values(queries: dict[str, dict[str, Any]], periods: int) -> list[Value]:
    """The value of each of the last periods, the newest first."""
    now = time.time()
    told = next((one for one in queries.values() if one.get("ReturnData", True)), None)
    if told is None:
        raise NotUnderstoodError
    periodic = [int(one["MetricStat"]["Period"]) for one in queries.values() if "MetricStat" in one]
    seconds = max(periodic, default=_PERIOD)
    return [
        _value(told, queries, now - (index + 1) * seconds, now - index * seconds)
        for index in range(periods)
    ]


def _value(query: dict[str, Any], queries: dict[str, Any], after: float, until: float) -> Value:
    if expression := query.get("Expression"):
        return _computed(_parsed(expression), queries, after, until)
    points = [one for one in _points(query) if after < one["Timestamp"] <= until]
    if not points:
        return None
    value = cloudwatch._stat_value(
        cloudwatch._calc_stats(points), query["MetricStat"]["Stat"], points
    )
    return None if value is None else float(value)


def _parsed(expression: str) -> ast.expr:
    try:
        return ast.parse(expression, mode="eval").body
    except SyntaxError as error:
        raise NotUnderstoodError from error


def _computed(node: ast.expr, queries: dict[str, Any], after: float, until: float) -> Value:
    """CloudWatch's arithmetic, as far as alarms here use it. A missing value makes all missing."""

    def compute(part: ast.expr) -> Value:
        return _computed(part, queries, after, until)

    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name in queries:
            return _value(queries[name], queries, after, until)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            sides = compute(left), compute(right)
            if sides[0] is None or sides[1] is None or (isinstance(op, ast.Div) and not sides[1]):
                return None
            return _ARITHMETIC[type(op)](sides[0], sides[1])
        case ast.Call(
            func=ast.Name(id="FILL"), args=[series, ast.Constant(value=int() | float() as f)]
        ):
            value = compute(series)
            return float(f) if value is None else value
    raise NotUnderstoodError


def _become(alarm: dict[str, Any], state: str, reason: str) -> None:
    before = alarm["StateValue"]
    if state == before:
        return
    alarm |= {
        "StateValue": state,
        "StateReason": reason,
        "StateUpdatedTimestamp": int(time.time()),
    }
    cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)
