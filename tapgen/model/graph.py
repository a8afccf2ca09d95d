"""The dependency graph between layers, derived from their inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from tapgen.errors import TapgenError, UsageError

Graph = Mapping[str, frozenset[str]]


def order(graph: Graph) -> tuple[str, ...]:
    """Every layer after those it depends on; ties in the mapping's own order.

    Raises `TapgenError` for a circular dependency, which it names, or a dependency that is not in
    the graph.
    """
    unknown = sorted({d for deps in graph.values() for d in deps} - graph.keys())
    if unknown:
        takers = [name for name, deps in graph.items() if deps & set(unknown)]
        raise TapgenError(
            f"inputs of {', '.join(takers)} come from {', '.join(unknown)}, "
            "which this environment does not have",
            "Mark the input optional in the registry of layers, or enable the layer.",
        )
    sorter = TopologicalSorter(graph)
    try:
        sorter.prepare()
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        raise TapgenError(
            f"layers depend on each other in a circle: {circle}",
            "Break the circle in the registry of layers.",
        ) from error
    position = {name: index for index, name in enumerate(graph)}
    ordered: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=position.__getitem__)
        ordered.extend(ready)
        sorter.done(*ready)
    return tuple(ordered)


def descendants(graph: Graph, name: str) -> frozenset[str]:
    """Every layer that depends on `name`, directly or through others."""
    found: set[str] = set()
    for other in order(graph):
        if graph[other] & (found | {name}):
            found.add(other)
    return frozenset(found)


def ancestors(graph: Graph, name: str) -> frozenset[str]:
    """Every layer that `name` depends on, directly or through others."""
    return frozenset(other for other in graph if name in descendants(graph, other))


def select(graph: Graph, chosen: Iterable[str]) -> frozenset[str]:
    """The chosen layers; all if none is chosen.

    Raises `UsageError` with a suggestion for a name that is not a layer of the environment.
    """
    wanted = frozenset(chosen)
    for name in sorted(wanted - graph.keys()):
        from difflib import get_close_matches  # only needed once something is wrong

        close = get_close_matches(name, graph, n=1)
        suggestion = f"Did you mean {close[0]}? " if close else ""
        raise UsageError(
            f"this environment has no layer {name!r}", f"{suggestion}Layers: {', '.join(graph)}."
        )
    return wanted or frozenset(graph)
