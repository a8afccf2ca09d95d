from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapgen.errors import TapgenError, UsageError
from tapgen.model.graph import Graph, ancestors, descendants, order, select

NAMES = [f"n{index}" for index in range(7)]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Graphs without circles: each node depends on some of the earlier ones, listed anyhow."""
    graph = {}
    for index, name in enumerate(NAMES):
        earlier = st.sampled_from(NAMES[:index]) if index else st.nothing()
        graph[name] = draw(st.frozensets(earlier))
    return {name: graph[name] for name in draw(st.permutations(NAMES))}


@st.composite
def circles(draw: st.DrawFn) -> Graph:
    """Graphs with at least one circle."""
    graph = dict(draw(graphs()))
    around = draw(st.permutations(NAMES))[: draw(st.integers(1, len(NAMES)))]
    for name, other in zip(around, [*around[1:], around[0]], strict=True):
        graph[name] |= {other}
    return graph


def reachable(graph: Graph, name: str) -> frozenset[str]:
    """Everything that `name` depends on, by the definition."""
    return frozenset().union(*({other} | reachable(graph, other) for other in graph[name]))


@settings(max_examples=50)
@given(graphs())
def test_every_layer_comes_once_and_after_what_it_depends_on(graph: Graph) -> None:
    found = order(graph)
    assert sorted(found) == sorted(graph)
    for index, name in enumerate(found):
        assert graph[name] <= set(found[:index])


@settings(max_examples=50)
@given(graphs(), st.sampled_from(NAMES))
def test_descendants_are_those_that_the_layer_is_reachable_from(graph: Graph, name: str) -> None:
    assert descendants(graph, name) == {other for other in graph if name in reachable(graph, other)}
    assert ancestors(graph, name) == reachable(graph, name)


@settings(max_examples=50)
@given(circles())
def test_a_circle_is_spelled_out_as_it_is(graph: Graph) -> None:
    with pytest.raises(TapgenError) as caught:
        order(graph)
    circle = caught.value.message.removeprefix("layers depend on each other in a circle: ")
    path = circle.split(" -> ")
    assert path[0] == path[-1]
    assert len(path) > 1
    for taker, source in pairwise(path):
        assert source in graph[taker]


def test_ties_are_in_the_order_of_the_mapping() -> None:
    graph = {"b": frozenset({"z"}), "a": frozenset({"z"}), "z": frozenset[str]()}
    assert order(graph) == ("z", "b", "a")


def test_the_layers_are_listed_in_an_order_they_can_be_deployed_in(rendered: Any) -> None:
    for stacks in rendered.stacks.values():
        graph = {stack.layer: stack.dependencies for stack in stacks}
        done: set[str] = set()
        for layer, needs in graph.items():
            assert needs <= done
            done.add(layer)


def test_what_is_left_out_is_named_with_who_takes_it() -> None:
    graph = {"cdn": frozenset({"certificate"}), "dns": frozenset({"zone", "cdn"})}
    with pytest.raises(TapgenError) as caught:
        order(graph)
    assert caught.value.message == (
        "inputs of cdn, dns come from certificate, zone, which this environment does not have"
    )
    assert "optional" in caught.value.hint


GRAPH = {"network": frozenset[str](), "compute": frozenset({"network"})}


def test_choosing_none_chooses_all() -> None:
    assert select(GRAPH, []) == {"network", "compute"}
    assert select(GRAPH, ["compute", "compute"]) == {"compute"}


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("netwrok", "Did you mean network? Layers: network, compute."),
        ("zzz", "Layers: network, compute."),
    ],
)
def test_a_layer_that_does_not_exist_is_wrong_usage(name: str, hint: str) -> None:
    with pytest.raises(UsageError, match=re.escape(f"no layer '{name}'")) as caught:
        select(GRAPH, [name])
    assert caught.value.hint == hint
