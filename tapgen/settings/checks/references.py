"""Settings that read an output of another environment: whether the output exists.

Everything here is checked without AWS; values are read when a deployment is planned.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence

from tapgen.model.layer import Layer, OutputRef
from tapgen.settings.base import Elsewhere
from tapgen.settings.checks.rules import Merged
from tapgen.settings.faults import Fault, guess
from tapgen.settings.parsing.document import Written

# environment -> environments whose outputs its settings read.
Reads = Mapping[str, Sequence[str]]
# Layer -> names of its outputs. Asked only where something is read, as it may take long.
Outputs = Callable[[Layer], Sequence[str]]


def check_references(
    environments: Mapping[str, Merged],
    concerning: Sequence[str],
    layers: Sequence[Layer],
    outputs: Outputs | None,
) -> Iterator[Fault]:
    """Yield what is wrong with the outputs that settings of the environments `concerning` read.

    If `outputs` is None, it is not checked whether the layer has that output.
    """
    found = {name: list(_references(merged)) for name, merged in environments.items()}
    reads = {
        name: [reference.environment for _, _, reference in references]
        for name, references in found.items()
    }
    producers = _Producers(environments, layers, outputs)
    for name in concerning:
        circle = circle_through(name, reads)
        for setting, written, reference in found[name]:
            verdict = producers.fault(name, reference)
            if not verdict and circle and reference.environment == circle[1]:
                verdict = (
                    f"environments read from each other in a circle: {' -> '.join(circle)}",
                    "write the value itself in one of them",
                )
            if verdict:
                yield Fault(written.source, setting, *verdict)


def circle_through(name: str, reads: Reads) -> list[str]:
    """The shortest path from an environment back to itself, with it at both ends; or empty."""
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


def _references(merged: Merged) -> Iterator[tuple[str, Written, OutputRef]]:
    for setting, written in merged.entries.items():
        source = written.value.source if isinstance(written.value, Elsewhere) else None
        if isinstance(source, OutputRef):
            yield setting, written, source


class _Producers:
    """Values that can be read: the outputs of the layers of the environments."""

    def __init__(
        self,
        environments: Mapping[str, Merged],
        layers: Sequence[Layer],
        outputs: Outputs | None,
    ) -> None:
        self._environments = environments
        self._layers = {layer.name: layer for layer in layers}
        self._outputs = outputs
        self._known: dict[str, Sequence[str]] = {}

    def fault(self, reader: str, source: OutputRef) -> tuple[str, str] | None:
        """The fault in what a setting of `reader` reads, and what to do about it."""
        if source.environment == reader:
            message = f"{source} is its own output"
            return message, "layers of one environment use each other's outputs automatically"
        if source.environment not in self._environments:
            others = [other for other in self._environments if other != reader]
            message = f"there is no environment {source.environment}"
            return message, _instead(source.environment, others)
        layer = self._layers.get(source.layer)
        if layer is None:
            return f"there is no layer {source.layer}", _instead(source.layer, list(self._layers))
        merged = self._environments[source.environment]
        if not layer.enabled_with(_value(merged, layer.enabled_by or "")):
            message = f"{source.environment} does not have the layer {source.layer}"
            return message, f"it has that layer if it sets {layer.needs}"
        return self._output_fault(layer, source)

    def _output_fault(self, layer: Layer, source: OutputRef) -> tuple[str, str] | None:
        if self._outputs is None:
            return None
        if layer.name not in self._known:
            self._known[layer.name] = self._outputs(layer)
        outputs = self._known[layer.name]
        if source.output in outputs:
            return None
        message = f"the layer {source.layer} has no output {source.output}"
        return message, _instead(source.output, outputs)


def _value(merged: Merged, setting: str) -> object:
    return merged.entries[setting].value if setting in merged.entries else None


def _instead(word: str, known: Sequence[str]) -> str:
    close = guess(word, known)
    return f"did you mean {close}?" if close else f"one of {', '.join(known)}"
