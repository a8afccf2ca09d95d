"""Settings that read an output of another environment: which may, and whether it is there.

Everything here is told without AWS; values are read when a deployment is planned.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from tapgen.payments.layers.registry import LAYERS
from tapgen.render.builders import blueprint_of
from tapgen.settings.base import OutputReference
from tapgen.settings.faults import Fault, guess
from tapgen.settings.parsing.document import Entries, Written

# environment -> environments whose outputs its settings read.
Reads = Mapping[str, Sequence[str]]


def check_references(
    environments: Mapping[str, Entries], concerning: Sequence[str]
) -> Iterator[Fault]:
    """Yield what is wrong with the outputs that settings of the environments `concerning` read."""
    found = {name: list(_references(entries)) for name, entries in environments.items()}
    reads = {
        name: [reference.source.environment for _, _, reference in references]
        for name, references in found.items()
    }
    for name in concerning:
        circle = circle_through(name, reads)
        for setting, written, reference in found[name]:
            verdict = _fault(environments, name, reference)
            if not verdict and circle and reference.source.environment == circle[1]:
                verdict = (
                    f"environments read from each other in a circle: {' -> '.join(circle)}",
                    "write the value itself in one of them",
                )
            if verdict:
                yield Fault(written.source, setting, *verdict)


def circle_through(name: str, reads: Reads) -> list[str]:
    """The shortest way from an environment back to itself, with it at both ends; empty if none."""
    ways = deque([[name]])
    seen = set[str]()
    while ways:
        way = ways.popleft()
        for read in reads.get(way[-1], ()):
            if read == name:
                return [*way, name]
            if read not in seen:
                seen.add(read)
                ways.append([*way, read])
    return []


def _references(entries: Entries) -> Iterator[tuple[str, Written, OutputReference]]:
    for setting, written in entries.items():
        if isinstance(written.value, OutputReference):
            yield setting, written, written.value


def _fault(
    environments: Mapping[str, Entries], name: str, reference: OutputReference
) -> tuple[str, str] | None:
    source = reference.source
    if source.environment == name:
        return f"{reference.output} is its own output", "layers take from each other by themselves"
    if source.environment not in environments:
        others = [other for other in environments if other != name]
        return f"there is no environment {source.environment}", _instead(source.environment, others)
    layer = _LAYERS.get(source.layer)
    if layer is None:
        return f"there is no layer {source.layer}", _instead(source.layer, list(_LAYERS))
    needed = layer.enabled_by
    if needed and not _given(environments[source.environment], needed):
        message = f"{source.environment} leaves the layer {source.layer} out"
        return message, f"it has one when it sets {needed}"
    outputs = _outputs(source.layer)
    if source.output not in outputs:
        message = f"the layer {source.layer} has no output {source.output}"
        return message, _instead(source.output, outputs)
    return None


def _given(entries: Entries, setting: str) -> bool:
    return setting in entries and entries[setting].value is not None


def _instead(word: str, known: Sequence[str]) -> str:
    close = guess(word, known)
    return f"did you mean {close}?" if close else f"one of {', '.join(known)}"


_LAYERS: Final = {layer.name: layer for layer in LAYERS}


@cache
def _outputs(layer: str) -> tuple[str, ...]:
    """What the layer's template gives; building it costs the import of troposphere."""
    return blueprint_of(_LAYERS[layer]).outputs
