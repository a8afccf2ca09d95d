"""CloudWatch alarms on several metrics, which MiniStack's provisioner refuses."""

from __future__ import annotations

from typing import Any, Final

from tapgen.local.caller import typed
from tapgen.local.internals.records import set_alarm_metrics
from tapgen.local.provisioner import Extension, Properties

# Holds the queries while MiniStack creates an alarm on an unused single metric.
_QUERIES: Final = "MetricMath"
_PLACEHOLDER: Final = {"MetricName": "none", "Namespace": "none"}


def _single(properties: Properties) -> Properties:
    if "Metrics" not in properties:
        return properties
    kept = {name: value for name, value in properties.items() if name != "Metrics"}
    return {**kept, **_PLACEHOLDER, _QUERIES: properties["Metrics"]}


def _set_queries(name: str, _old: Properties, new: Properties) -> None:
    if _QUERIES in new:
        queries: dict[str, Any] = typed("cloudwatch", "PutMetricAlarm", {"Metrics": new[_QUERIES]})
        set_alarm_metrics(name, queries["Metrics"])


PROVISIONERS = (Extension(type="AWS::CloudWatch::Alarm", normalize=_single, apply=_set_queries),)
