"""Findings about a template that was made of a template file: people want them in that file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache

from tapgen.model.layer import Layer
from tapgen.model.templates.positions import every
from tapgen.render.rendering import Rendered
from tapgen.review.lint.findings import Finding
from tapgen.settings.faults import Source


def at_source(findings: Iterable[Finding], rendered: Rendered, folder: str) -> Iterator[Finding]:
    """Yield the findings; those about what `folder` has of a template file are in that file.

    What only tapgen has added is found at the part of the file that it belongs to.
    """
    layers = {f"{folder}/{one.name}.json": one for one in rendered.platform.layers if one.template}

    @cache
    def places(path: str) -> Callable[[int, int], Source]:
        layer = layers[path]
        return _places(layer, rendered.templates[layer.name].text)

    for finding in findings:
        if finding.path in layers:
            source = places(finding.path)(finding.line, finding.column)
            path, line, column = source
            yield replace(finding, path=path, line=line, column=column)
        else:
            yield finding


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
