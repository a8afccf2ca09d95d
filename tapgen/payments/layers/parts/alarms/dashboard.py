"""Dashboard bodies: graphs in three columns, as JSON for `Fn::Sub`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from troposphere import Sub

from tapgen.payments.layers.parts.alarms.alarms import PERIOD_SECONDS

_COLUMNS: Final = 3
_WIDTH: Final = 24 // _COLUMNS  # a dashboard's grid is 24 units wide
_HEIGHT: Final = 6


class Line(NamedTuple):
    """One metric in a graph. Values of `dimensions` may name parameters, as in `${TableName}`."""

    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...]
    statistic: str = "Sum"

    def as_json(self) -> list[Any]:
        pairs = [part for pair in self.dimensions for part in pair]
        return [self.namespace, self.metric, *pairs, {"stat": self.statistic}]


class Graph(NamedTuple):
    """One widget: a title and its lines."""

    title: str
    lines: Sequence[Line]


def dashboard_body(alarm_titles: Sequence[str], graphs: Sequence[Graph]) -> Sub:
    """The state of all alarms (by logical id) at the top, then the graphs, from left to right."""
    body = {
        "widgets": [
            _alarm_states(alarm_titles),
            *(_graph(index, graph) for index, graph in enumerate(graphs)),
        ]
    }
    return Sub(json.dumps(body, separators=(",", ":"), sort_keys=True))


def _alarm_states(titles: Sequence[str]) -> dict[str, Any]:
    alarms = [f"${{{title}.Arn}}" for title in titles]
    return {
        "type": "alarm",
        "x": 0,
        "y": 0,
        "width": 24,
        "height": 3,
        "properties": {"title": "Alarms", "alarms": alarms},
    }


def _graph(index: int, graph: Graph) -> dict[str, Any]:
    row, column = divmod(index, _COLUMNS)
    return {
        "type": "metric",
        "x": column * _WIDTH,
        "y": 3 + row * _HEIGHT,
        "width": _WIDTH,
        "height": _HEIGHT,
        "properties": {
            "title": graph.title,
            "view": "timeSeries",
            "region": "${AWS::Region}",
            "period": PERIOD_SECONDS,
            "metrics": [line.as_json() for line in graph.lines],
        },
    }
