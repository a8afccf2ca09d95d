"""The picture of the layer graph, and where its boxes and arrows go."""

from __future__ import annotations

from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from tapgen.cli.views.graphs.graph_svg import svg
from tapgen.cli.views.graphs.layered import BOX, lay_out
from tapgen.model.layer import Layer, outputs_of
from tapgen.payments.layers.registry import LAYERS

SVG = "{http://www.w3.org/2000/svg}"
SAMPLE = (
    Layer("zone", "Zone & delegation", enabled_by="domain"),
    Layer("data", "Tables"),
    Layer("cdn", "CDN", region="us-east-1", inputs=outputs_of("data", "KeyArn", "KeyId")),
)


def test_the_picture_says_in_words_what_it_shows() -> None:
    root = ET.fromstring(svg(SAMPLE))  # noqa: S314 - tapgen's own text
    assert root.get("role") == "img"
    ids = str(root.get("aria-labelledby")).split()
    title, description = (next(e for e in root.iter() if e.get("id") == name) for name in ids)
    assert title.text == "Layers and what they take from each other"
    assert description.text == (
        "zone takes nothing. data takes nothing. cdn takes KeyArn, KeyId from data."
    )
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert texts == ["zone", "with domain", "data", "cdn", "us-east-1"]
    titles = [element.text for element in root.iter(f"{SVG}title")]
    assert "data gives cdn: KeyArn, KeyId" in titles
    assert "zone: Zone & delegation" in titles


def test_the_picture_follows_light_and_dark_and_needs_nothing_else() -> None:
    text = svg(LAYERS)
    assert text == svg(LAYERS)
    assert "prefers-color-scheme: dark" in text
    assert text.count("http") == 1  # the namespace
    root = ET.fromstring(text)  # noqa: S314 - tapgen's own text
    colours = {e.get(name) for e in root.iter() for name in ("fill", "stroke")} - {None}
    assert colours == {"currentColor"}


def test_an_arrow_runs_through_a_lane_where_it_passes_a_column() -> None:
    layout = lay_out({"a": [], "b": ["a"], "c": ["a", "b"]})
    assert [x for x, _ in layout.boxes.values()] == [16, 230, 444]
    assert len(layout.arrows["a", "b"]) == 2
    assert len(layout.arrows["a", "c"]) == 4
    assert layout.width == 444 + BOX[0] + 16


def test_no_graph_is_an_empty_picture() -> None:
    layout = lay_out({})
    assert (layout.boxes, layout.arrows, layout.height) == ({}, {}, 32)


def test_columns_are_put_in_order_so_that_arrows_do_not_cross() -> None:
    layout = lay_out({"a": [], "b": [], "x": ["b"], "y": ["a"]})
    assert (layout.boxes["a"][1] < layout.boxes["b"][1]) == (
        layout.boxes["y"][1] < layout.boxes["x"][1]
    )


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, list[str]]:
    names = [f"n{number}" for number in range(draw(st.integers(1, 9)))]
    return {
        name: draw(st.lists(st.sampled_from(names[:at]), unique=True)) if at else []
        for at, name in enumerate(names)
    }


@given(graph=graphs())
def test_nothing_lies_upon_a_box(graph: dict[str, list[str]]) -> None:
    layout = lay_out(graph)
    assert layout.boxes.keys() == graph.keys()
    assert layout.arrows.keys() == {(other, name) for name in graph for other in graph[name]}
    width, height = BOX
    for (ax, ay), (bx, by) in combinations(layout.boxes.values(), 2):
        assert abs(ax - bx) >= width or abs(ay - by) >= height
    for x, y in layout.boxes.values():
        assert 0 < x <= layout.width - width
        assert 0 < y <= layout.height - height
    for (source, target), points in layout.arrows.items():
        left, right = layout.boxes[source], layout.boxes[target]
        assert points[0][0] == left[0] + width
        assert left[1] < points[0][1] < left[1] + height
        assert points[-1][0] == right[0]
        assert right[1] < points[-1][1] < right[1] + height
        assert all(before[0] < after[0] for before, after in pairwise(points))
        for start, _ in zip(points[1:-1:2], points[2:-1:2], strict=True):
            for x, y in layout.boxes.values():
                assert x != start[0] or not y < start[1] < y + height


@given(graph=graphs())
def test_the_same_graph_is_laid_out_the_same_way(graph: dict[str, list[str]]) -> None:
    assert lay_out(graph) == lay_out(graph)
