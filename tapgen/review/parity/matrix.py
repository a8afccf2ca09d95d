"""A table of layers and environments: which have a stack, and why others do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tapgen.model.layer import Layer
from tapgen.model.stack import Stack
from tapgen.render.rendering import Rendered
from tapgen.review.parity.comparison import LayerParity, Parity
from tapgen.settings.environment import Environment


@dataclass(frozen=True)
class Cell:
    """A layer in an environment: its stack, or None and the `reason` why it is left out."""

    environment: str
    stack: Stack | None
    reason: str = ""


@dataclass(frozen=True)
class Row:
    """A layer in every environment; `parity` is None if no environment has the layer."""

    layer: Layer
    cells: tuple[Cell, ...]
    parity: LayerParity | None


def matrix(
    environments: Sequence[Environment], rendered: Rendered, parity: Parity
) -> tuple[Row, ...]:
    """One row for each layer of the platform, one cell for each environment, in their order."""
    stacks = {(s.environment, s.layer): s for members in rendered.stacks.values() for s in members}
    found = {layer.layer: layer for layer in parity.layers}

    def cell(environment: Environment, layer: Layer) -> Cell:
        stack = stacks.get((environment.name, layer.name))
        return Cell(environment.name, stack, "" if stack else f"{layer.needs} is not set")

    return tuple(
        Row(layer, tuple(cell(one, layer) for one in environments), found.get(layer.name))
        for layer in rendered.platform.layers
    )
