"""From a place in a rendered template to the place in the template file that people edit."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from functools import cache

from tapgen.model.layer import Layer
from tapgen.model.templates.positions import every
from tapgen.render.rendering import Rendered
from tapgen.settings.faults import Source


def in_sources(rendered: Rendered, folder: str) -> Callable[[Source], Source]:
    """A function that returns, for a place in a template in `folder`, the place in its source.

    A part that tapgen has added is at the part of the template file that it belongs to. A place
    that does not come from a template file is returned as it is.
    """
    layers = {f"{folder}/{one.name}.json": one for one in rendered.platform.layers if one.template}

    @cache
    def places(path: str) -> Callable[[int, int], Source]:
        layer = layers[path]
        return _places(layer, rendered.templates[layer.name].text)

    def of(place: Source) -> Source:
        return places(place.path)(place.line, place.column) if place.path in layers else place

    return of


def _places(layer: Layer, text: str) -> Callable[[int, int], Source]:
    """A function that returns the place in the layer's file for a place in the rendered text."""
    from tapgen.render.sources.template_file import reading_of  # hardly ever needed

    reading = reading_of(layer)
    paths, starts = zip(*every(text), strict=True)

    def place(line: int, column: int) -> Source:
        """The part that begins at the place or contains it: the last that begins before it."""
        index = bisect_right(starts, (line, column)) - 1
        return reading.source(paths[index] if index >= 0 else ())

    return place
