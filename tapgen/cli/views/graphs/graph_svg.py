"""The layer graph as an SVG picture: no Graphviz, no fonts, no network, the same bytes every time.

It follows the reader's light or dark setting; its description says in words what it shows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from html import escape as escape_html  # that of xml.sax loads urllib and ssl
from typing import Final

from tapgen.cli.views.graphs.layered import Edge, Layout, Point, lay_out
from tapgen.model.layer import Layer

_BEND: Final = 32  # pixels: how far an arrow runs level before it turns
# Pixels that a letter takes in the wider of the fonts that `STYLE` leads to; room at both sides.
_NAME_LETTER, _NOTE_LETTER, _ROOM = 8.4, 6.2, 12
escape: Final = partial(escape_html, quote=False)
STYLE: Final = """\
    .tapgen-graph { color: #1f2328; color-scheme: light dark; font: 13px system-ui, sans-serif; }
    @media (prefers-color-scheme: dark) { .tapgen-graph { color: #e6edf3; } }
    .tapgen-graph rect { fill: currentColor; fill-opacity: 0.06; stroke: currentColor; }
    .tapgen-graph text { fill: currentColor; text-anchor: middle; }
    .tapgen-graph .name { font-weight: 600; }
    .tapgen-graph .note { font-size: 11px; }
    .tapgen-graph .arrow { fill: none; stroke: currentColor; stroke-opacity: 0.6; }
    .tapgen-graph .arrow:hover { stroke-opacity: 1; stroke-width: 2; }
"""
_HEAD: Final = """\
  <defs>
    <marker id="tapgen-graph-head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" \
markerHeight="8" orient="auto">
      <path d="M0 0 L8 4 L0 8 Z" fill="currentColor"/>
    </marker>
  </defs>"""


def svg(layers: Sequence[Layer], *, styled: bool = True) -> str:
    """An SVG document, arrows in the direction of deployment.

    Without style it is a part of a page that has `STYLE` in its own.
    """
    taken: dict[Edge, list[str]] = {}
    for layer in layers:
        for source in layer.inputs.values():
            taken.setdefault((source.layer, layer.name), []).append(source.output)
    layout = lay_out(
        {x.name: [s for s, t in taken if t == x.name] for x in layers},
        max(map(_width, layers), default=0),
    )
    width, height = f"{layout.width:g}", f"{layout.height:g}"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="tapgen-graph" role="img" width="{width}"',
        f'     height="{height}" viewBox="0 0 {width} {height}"',
        '     aria-labelledby="tapgen-graph-title tapgen-graph-description">',
        '  <title id="tapgen-graph-title">Layers and what they take from each other</title>',
        f'  <desc id="tapgen-graph-description">{escape(_description(layers, taken))}</desc>',
        *([f"  <style>\n{STYLE}  </style>"] if styled else []),
        _HEAD,
    ]
    lines += [_arrow(edge, taken[edge], points) for edge, points in layout.arrows.items()]
    lines += [_box(layer, layout) for layer in layers]
    return "\n".join([*lines, "</svg>"])


def _description(layers: Sequence[Layer], taken: dict[Edge, list[str]]) -> str:
    sentences = []
    for layer in layers:
        parts = [
            f"{', '.join(outputs)} from {source}"
            for (source, target), outputs in taken.items()
            if target == layer.name
        ]
        sentences.append(f"{layer.name} takes {'; '.join(parts) or 'nothing'}.")
    return " ".join(sentences)


def _arrow(edge: Edge, outputs: Sequence[str], points: Sequence[Point]) -> str:
    source, target = edge
    (x, y), *following = points
    path = f"M{x:g} {y:g}"
    for step, (to_x, to_y) in enumerate(following):
        if step % 2 == 0:  # between columns; the others run through one
            path += f" C{x + _BEND:g} {y:g} {to_x - _BEND:g} {to_y:g} {to_x:g} {to_y:g}"
        else:
            path += f" H{to_x:g}"
        x, y = to_x, to_y
    title = escape(f"{source} gives {target}: {', '.join(outputs)}")
    return (
        f'  <path class="arrow" d="{path}" marker-end="url(#tapgen-graph-head)">'
        f"<title>{title}</title></path>"
    )


def _width(layer: Layer) -> int:
    """How wide the box of a layer has to be for its texts."""
    texts = (_NAME_LETTER * len(layer.name), _NOTE_LETTER * len(_note(layer)))
    return math.ceil(max(texts)) + 2 * _ROOM


def _note(layer: Layer) -> str:
    """Where a layer is, and what it needs."""
    notes = [layer.region] if layer.region else []
    notes += [f"with {layer.needs}"] if layer.needs else []
    return ", ".join(notes)


def _box(layer: Layer, layout: Layout) -> str:
    (x, y), (width, height) = layout.boxes[layer.name], layout.box
    note = escape(_note(layer))
    middle = x + width / 2
    name_y = y + height / 2 + (-3 if note else 5)
    lines = [
        f"  <g><title>{escape(f'{layer.name}: {layer.summary}')}</title>",
        f'    <rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="6"/>',
        f'    <text class="name" x="{middle:g}" y="{name_y:g}">{escape(layer.name)}</text>',
    ]
    if note:
        lines.append(f'    <text class="note" x="{middle:g}" y="{name_y + 16:g}">{note}</text>')
    return "\n".join([*lines, "  </g>"])
