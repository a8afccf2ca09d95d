"""Alarms and dashboards."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from tapgen.aws.readers.values import Properties, only
from tapgen.aws.resources.retained import Region

_ALARM: Final = frozenset(
    {
        "ActionsEnabled",
        "AlarmActions",
        "AlarmDescription",
        "AlarmName",
        "ComparisonOperator",
        "Dimensions",
        "EvaluationPeriods",
        "ExtendedStatistic",
        "MetricName",
        "Metrics",
        "Namespace",
        "OKActions",
        "Period",
        "Statistic",
        "Threshold",
        "TreatMissingData",
    }
)


def alarm(region: Region, name: str, _: Mapping[str, Any]) -> Properties:
    found = only(region.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"])
    return {key: value for key, value in found.items() if key in _ALARM}


def dashboard(region: Region, name: str, _: Mapping[str, Any]) -> Properties:
    found = region.client("cloudwatch").get_dashboard(DashboardName=name)
    return {
        "DashboardName": found["DashboardName"],
        "DashboardBody": json.loads(found["DashboardBody"]),
    }
