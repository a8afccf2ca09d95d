from __future__ import annotations

import re
from typing import Any

from tapgen.cli.views.graphs import graph
from tapgen.model.layer import Layer, outputs_of
from tapgen.payments.layers.registry import LAYERS

SAMPLE = (
    Layer("zone", "Hosted zone", enabled_by="domain"),
    Layer("data", "Tables", enabled_by="data.kind", enabled_at="tables"),
    Layer(
        "cdn",
        "CloudFront",
        region="us-east-1",
        inputs={**outputs_of("zone", "ZoneId", "NameServers"), **outputs_of("data", "KeyArn")},
    ),
)


def test_text() -> None:
    assert graph.text(SAMPLE).splitlines() == [
        "zone (only with domain): Hosted zone",
        "data (only with data.kind: tables): Tables",
        "cdn [us-east-1]: CloudFront",
        "  <- zone: ZoneId, NameServers",
        "  <- data: KeyArn",
    ]


def test_mermaid() -> None:
    assert graph.mermaid(SAMPLE).splitlines() == [
        "flowchart LR",
        '  zone -->|"ZoneId<br/>NameServers"| cdn',
        '  data -->|"KeyArn"| cdn',
        "  zone",
        "  data",
    ]


def test_dot() -> None:
    assert graph.dot(SAMPLE).splitlines() == [
        "digraph tapgen {",
        "  rankdir=LR;",
        "  node [shape=box];",
        '  "zone";',
        '  "data";',
        '  "cdn";',
        '  "zone" -> "cdn" [label="ZoneId, NameServers"];',
        '  "data" -> "cdn" [label="KeyArn"];',
        "}",
    ]


def test_the_command_shows_every_layer_in_every_form(tapgen: Any) -> None:
    for form in graph.VIEWS:
        ran = tapgen("graph", "--format", form)
        assert (ran.code, ran.err) == (0, "")
        for layer in LAYERS:
            assert re.search(rf"\b{layer.name}\b", ran.out)
    assert tapgen("graph") == tapgen("graph", "--format", "text")
