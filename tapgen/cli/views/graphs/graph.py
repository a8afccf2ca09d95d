"""The layer graph as text, Mermaid, Graphviz and SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from tapgen.model.layer import Layer


def text(layers: Sequence[Layer]) -> str:
    """A paragraph for each layer: what it holds and what it takes from whom."""
    lines = []
    for layer in layers:
        where = f" [{layer.region}]" if layer.region else ""
        when = f" (only with {layer.needs})" if layer.needs else ""
        lines.append(f"{layer.name}{where}{when}: {layer.summary}")
        lines += [f"  <- {source}: {', '.join(names)}" for source, names in _edges(layer)]
    return "\n".join(lines)


def mermaid(layers: Sequence[Layer]) -> str:
    """A Mermaid flowchart, arrows in the direction of deployment."""
    lines = ["flowchart LR"]
    lines += [
        f'  {source} -->|"{"<br/>".join(names)}"| {layer.name}'
        for layer in layers
        for source, names in _edges(layer)
    ]
    return "\n".join([*lines, *(f"  {layer.name}" for layer in layers if not layer.inputs)])


def dot(layers: Sequence[Layer]) -> str:
    """A Graphviz digraph, arrows in the direction of deployment."""
    lines = ["digraph tapgen {", "  rankdir=LR;", "  node [shape=box];"]
    lines += [f'  "{layer.name}";' for layer in layers]
    lines += [
        f'  "{source}" -> "{layer.name}" [label="{", ".join(names)}"];'
        for layer in layers
        for source, names in _edges(layer)
    ]
    return "\n".join([*lines, "}"])


def svg(layers: Sequence[Layer]) -> str:
    """A picture, see `graph_svg`."""
    from tapgen.cli.views.graphs import graph_svg

    return graph_svg.svg(layers)


def _edges(layer: Layer) -> Iterator[tuple[str, list[str]]]:
    sources: dict[str, list[str]] = {}
    for source in layer.inputs.values():
        sources.setdefault(source.layer, []).append(source.output)
    yield from sources.items()


VIEWS: Final[dict[str, Callable[[Sequence[Layer]], str]]] = {
    "text": text,
    "mermaid": mermaid,
    "dot": dot,
    "svg": svg,
}
