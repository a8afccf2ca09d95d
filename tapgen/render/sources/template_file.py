"""A layer whose template is a file: written by hand, or by SAM, the CDK or Rain.

The file stays as it is. The rendered template is the same in the notation of all other layers: JSON
with long forms, sealed, with the settings of its parameters noted in its `Metadata`. The registry
declares these settings, next to the layer's inputs.
"""

from __future__ import annotations

from collections.abc import Iterator

from tapgen.model.layer import METADATA_KEY, TEMPLATE_KEY, Layer
from tapgen.model.parts.places import spelled
from tapgen.render.files import read_bytes
from tapgen.render.packages import template_file_of
from tapgen.render.sources.draft import BrokenLayerError, Draft
from tapgen.render.sources.reading import Flaw, Reading, read
from tapgen.render.sources.soundness import flaws, section_of
from tapgen.settings.faults import Fault, Source, guess

_PARAMETERS = "Parameters"


def reading_of(layer: Layer) -> Reading:
    """Read the layer's template file. Raises `BrokenLayerError` if there is none."""
    path = template_file_of(layer)
    if path is None:
        raise BrokenLayerError(
            f"layer {layer.name} cannot be built: the package {layer.package!r} with "
            f"{layer.template} does not exist",
            "Name the package in the registry of layers: `in_package(...)`, or `package=`.",
        )
    content = read_bytes(path)
    if content is None:
        raise BrokenLayerError(
            f"layer {layer.name} cannot be built: the file {spelled(path)} does not exist",
            f"Create it, or correct template={layer.template!r} in the registry of layers: the "
            f"path is relative to the folder of the package {layer.package}.",
        )
    return read(content, spelled(path))


def draft(layer: Layer) -> Draft:
    """The draft from the layer's template file. Raises `BrokenLayerError` with all faults."""
    reading = reading_of(layer)
    found = [*reading.faults]
    if reading.document or not found:
        wrong = (*flaws(reading.document), *_unbound(layer, reading.document))
        found += [fault for fault in map(reading.fault, wrong) if fault not in found]
    if found:
        raise _broken(layer, reading, sorted(found, key=_place))
    document = reading.document
    notes = {
        "Layer": layer.name,
        "Settings": dict(sorted(layer.settings.items())),
        TEMPLATE_KEY: layer.template,
    }
    whole = {**document, "Metadata": {**document.get("Metadata", {}), METADATA_KEY: notes}}
    return Draft(frozenset(layer.inputs), tuple(document.get("Outputs", {})), lambda: whole)


def _place(fault: Fault) -> Source:
    return fault.source or Source("")


def _broken(layer: Layer, reading: Reading, faults: list[Fault]) -> BrokenLayerError:
    lines = "".join(f"\n  {fault}" for fault in faults)
    error = BrokenLayerError(
        f"layer {layer.name} cannot be built:{lines}",
        f"Correct the file, or the registry of layers; `git diff HEAD -- {reading.path}` shows "
        "what has changed.",
    )
    error.place = _place(faults[0])
    return error


def _unbound(layer: Layer, document: dict[str, object]) -> Iterator[Flaw]:
    """Yield the contradictions between the file and the registry."""
    parameters = section_of(document, _PARAMETERS)
    fillers = {
        **{name: f"the setting {setting}" for name, setting in layer.settings.items()},
        **{name: f"the output {output}" for name, output in layer.inputs.items()},
    }
    for name, filler in fillers.items():
        if name not in parameters:
            close = guess(name, list(parameters))
            hint = f"did you mean {close}?" if close else ""
            message = f"the registry fills {name} with {filler}, but there is no such parameter"
            yield Flaw((_PARAMETERS,), message, hint)
    for name, declared in parameters.items():
        optional = name in layer.inputs and layer.inputs[name].optional
        default = isinstance(declared, dict) and "Default" in declared
        if name in layer.inputs and name in layer.settings:
            message = f"is filled with {fillers[name]} and with the setting {layer.settings[name]}"
            yield Flaw((_PARAMETERS, name), message, "keep one of them in the registry")
        elif name not in fillers and not default:
            hint = "bind it in the registry, `settings=` or `inputs=`, or add a Default"
            yield Flaw((_PARAMETERS, name), "has no value", hint)
        elif optional and not default:
            message = f"has no value in environments without {fillers[name]}"
            yield Flaw((_PARAMETERS, name), message, "add a Default")
