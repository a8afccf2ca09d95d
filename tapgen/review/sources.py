"""Where what is rendered of a template file stands in that file, which is what people change."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from functools import cache

from tapgen.model.layer import Layer
from tapgen.model.templates.positions import every
from tapgen.render.rendering import Rendered
from tapgen.settings.faults import Source


def in_sources(rendered: Rendered, folder: str) -> Callable[[Source], Source]:
    """What gives for a place in the templates, which are in `folder`, that in a template file.

    What only tapgen has added is at the part of the file that it belongs to. Any other place is
    its own.
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
    """What gives the place in the layer's file for line and column of the rendered text."""
    from tapgen.render.sources.template_file import reading_of  # hardly ever needed

    reading = reading_of(layer)
    paths, starts = zip(*every(text), strict=True)

    def place(line: int, column: int) -> Source:
        """The part that begins there or holds it: the last that begins before."""
        index = bisect_right(starts, (line, column)) - 1
        return reading.source(paths[index] if index >= 0 else ())

    return place
