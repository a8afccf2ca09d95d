"""CloudWatch alarms with the same behaviour: five-minute periods, no data counts as healthy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from troposphere import Ref, Sub
from troposphere.cloudwatch import Alarm, Metric, MetricDataQuery, MetricDimension, MetricStat

from tapgen.payments.layers.blueprint import Blueprint

PERIOD_SECONDS: Final = 300  # thresholds in the settings are counts in five minutes


class Series(NamedTuple):
    """One CloudWatch metric: namespace, name, dimensions and statistic."""

    namespace: str
    name: str
    dimensions: Mapping[str, Any]
    statistic: str = "Sum"

    def as_dimensions(self) -> list[MetricDimension]:
        return [MetricDimension(Name=name, Value=value) for name, value in self.dimensions.items()]


class Alarms:
    """Adds alarms named `<prefix>-<suffix>` that notify `topic` of alarms and of recovery."""

    def __init__(self, blueprint: Blueprint, topic: Any) -> None:
        self._blueprint = blueprint
        self._topic = topic
        self.titles: list[str] = []
        blueprint.prefix()

    def when(
        self, title: str, suffix: str, description: str, series: Series, threshold: Ref
    ) -> None:
        """Alarm if the value reaches `threshold` in one five-minute period."""
        # Percentiles (p99) are "extended". CloudWatch accepts only one of the two properties.
        kind = "ExtendedStatistic" if series.statistic.startswith("p") else "Statistic"
        self._add(
            title,
            suffix,
            description,
            threshold,
            Namespace=series.namespace,
            MetricName=series.name,
            Dimensions=series.as_dimensions(),
            Period=PERIOD_SECONDS,
            **{kind: series.statistic},
        )

    def when_sum(
        self, title: str, suffix: str, description: str, series: Sequence[Series], threshold: Ref
    ) -> None:
        """Alarm if the sum of several series reaches `threshold`. Missing data counts as zero."""
        self._add(title, suffix, description, threshold, Metrics=added_up(series, description))

    def _add(
        self, title: str, suffix: str, description: str, threshold: Ref, **measured: Any
    ) -> None:
        self.titles.append(title)
        self._blueprint.add(
            Alarm(
                title,
                AlarmName=Sub(f"${{Prefix}}-{suffix}"),
                AlarmDescription=description,
                ComparisonOperator="GreaterThanOrEqualToThreshold",
                Threshold=threshold,
                EvaluationPeriods=1,
                TreatMissingData="notBreaching",
                AlarmActions=[self._topic],
                OKActions=[self._topic],
                **measured,
            )
        )


def added_up(
    series: Sequence[Series], label: str = "", period: int = PERIOD_SECONDS
) -> list[MetricDataQuery]:
    """Metric math of an alarm: the sum of several series in `period` seconds."""
    total = MetricDataQuery(
        Id="total",
        Expression=" + ".join(f"FILL(m{index}, 0)" for index in range(len(series))),
        ReturnData=True,
        **({"Label": label} if label else {}),
    )
    return [total, *(_query(f"m{index}", one, period) for index, one in enumerate(series))]


def _query(identifier: str, series: Series, period: int) -> MetricDataQuery:
    metric = Metric(
        Namespace=series.namespace, MetricName=series.name, Dimensions=series.as_dimensions()
    )
    return MetricDataQuery(
        Id=identifier,
        MetricStat=MetricStat(Metric=metric, Period=period, Stat=series.statistic),
        ReturnData=False,
    )
