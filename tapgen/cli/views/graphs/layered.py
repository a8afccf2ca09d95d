"""Where the boxes and arrows of a layered graph go: columns in the direction of the arrows.

The classic steps of Sugiyama, Tagawa and Toda (1981): a column for each length of the longest way
there, a free lane through every column that an arrow passes, few crossings by barycentres. The same
graph is laid out the same way every time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

BOX: Final = (150, 46)  # least width, and height; all lengths in pixels
_LANE: Final = 10  # height of a lane between boxes
_GAP: Final = (64, 18)  # between columns, and between what stands in one
_MARGIN: Final = 16
_SWEEPS: Final = 8  # more change nothing in graphs of this size
_PORT: Final = 8  # between arrows at the same side of a box

Edge = tuple[str, str]  # source, target
# What stands in a column: a box, or the lane of an arrow that passes.
_Slot = str | Edge
_Column = list[_Slot]
Point = tuple[float, float]


@dataclass(frozen=True)
class Layout:
    """Size of the drawing and of a box, left upper corners of the boxes, points of each arrow.

    An arrow goes from point to point, level at each; it has two points for each lane.
    """

    width: float
    height: float
    box: tuple[float, float]
    boxes: Mapping[str, Point]
    arrows: Mapping[Edge, tuple[Point, ...]]


def lay_out(graph: Mapping[str, Iterable[str]], widest: float = 0) -> Layout:
    """Lay out box -> boxes that arrows come from. Sources stand before what takes from them.

    `widest` is the width of the widest text that goes into a box, with room on both sides.
    """
    depth: dict[str, int] = {}
    for name, sources in graph.items():
        depth[name] = max((depth[source] + 1 for source in sources), default=0)
    edges = [(source, name) for name, sources in graph.items() for source in sources]
    columns = _columns(depth, edges)
    _untangle(columns, depth, edges)
    return _place(columns, depth, edges, max(widest, BOX[0]))


def _columns(depth: Mapping[str, int], edges: Sequence[Edge]) -> list[_Column]:
    columns: list[_Column] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for name, column in depth.items():
        columns[column].append(name)
    for edge in edges:
        for column in range(depth[edge[0]] + 1, depth[edge[1]]):
            columns[column].append(edge)
    return columns


def _way(edge: Edge, depth: Mapping[str, int]) -> list[_Slot]:
    """The path of an arrow, column by column."""
    source, target = edge
    return [source, *[edge] * (depth[target] - depth[source] - 1), target]


def _untangle(columns: list[_Column], depth: Mapping[str, int], edges: Sequence[Edge]) -> None:
    """Order each column by where the arrows come from, then by where they go, and again."""
    links = [
        (depth[edge[0]] + step, pair)
        for edge in edges
        for step, pair in enumerate(zip(_way(edge, depth), _way(edge, depth)[1:], strict=False))
    ]
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        order = range(1, len(columns)) if forward else range(len(columns) - 2, -1, -1)
        for at in order:
            beside = columns[at - 1 if forward else at + 1]
            where = {slot: row / len(beside) for row, slot in enumerate(beside)}
            near: dict[_Slot, list[float]] = {}
            for column, (left, right) in links:
                if column == (at - 1 if forward else at):
                    mine, other = (right, left) if forward else (left, right)
                    near.setdefault(mine, []).append(where[other])
            rows = {slot: row / len(columns[at]) for row, slot in enumerate(columns[at])}
            columns[at].sort(key=lambda slot: _mean(near.get(slot, [rows[slot]])))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _place(
    columns: Sequence[_Column], depth: Mapping[str, int], edges: Sequence[Edge], wide: float
) -> Layout:
    heights = [sum(map(_height, column)) + _GAP[1] * (len(column) - 1) for column in columns]
    tallest = max(heights, default=0)
    middles: dict[tuple[int, _Slot], float] = {}
    for at, column in enumerate(columns):
        y = _MARGIN + (tallest - heights[at]) / 2
        for slot in column:
            middles[at, slot] = y + _height(slot) / 2
            y += _height(slot) + _GAP[1]
    boxes = {name: (_left(at, wide), middles[at, name] - BOX[1] / 2) for name, at in depth.items()}
    width = _left(len(columns), wide) - _GAP[0] + _MARGIN
    arrows = _arrows(middles, depth, edges, wide)
    return Layout(width, tallest + 2 * _MARGIN, (wide, BOX[1]), boxes, arrows)


def _arrows(
    middles: Mapping[tuple[int, _Slot], float],
    depth: Mapping[str, int],
    edges: Sequence[Edge],
    wide: float,
) -> dict[Edge, tuple[Point, ...]]:
    ways = {edge: _way(edge, depth) for edge in edges}

    def level(edge: Edge, step: int) -> float:
        step %= len(ways[edge])
        return middles[depth[edge[0]] + step, ways[edge][step]]

    arrows = {}
    for edge in edges:
        source, target = edge
        leaving = sorted((e for e in edges if e[0] == source), key=lambda e: level(e, 1))
        coming = sorted((e for e in edges if e[1] == target), key=lambda e: level(e, -2))
        first = depth[source]
        points = [(_left(first, wide) + wide, level(edge, 0) + _port(leaving, edge))]
        for step in range(1, len(ways[edge]) - 1):
            x, y = _left(first + step, wide), level(edge, step)
            points += [(x, y), (x + wide, y)]
        end = middles[depth[target], target] + _port(coming, edge)
        arrows[edge] = (*points, (_left(depth[target], wide), end))
    return arrows


def _port(edges: Sequence[Edge], edge: Edge) -> float:
    """How far from the middle of its side the arrow meets the box."""
    return (edges.index(edge) - (len(edges) - 1) / 2) * min(_PORT, BOX[1] / len(edges))


def _left(column: int, wide: float) -> float:
    return _MARGIN + column * (wide + _GAP[0])


def _height(slot: _Slot) -> float:
    return BOX[1] if isinstance(slot, str) else _LANE
