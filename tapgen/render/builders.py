"""Running the builder module of a layer, and what its template is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tapgen.errors import TapgenError
from tapgen.model.layer import Layer
from tapgen.model.platform import load
from tapgen.model.templates.json_text import pretty
from tapgen.model.templates.seal import sealable, sealed
from tapgen.model.templates.stack_policy import stack_policy
from tapgen.model.templates.stateful import stateful_in
from tapgen.model.templates.template import Template

if TYPE_CHECKING:
    from tapgen.render.blueprint import Blueprint


def blueprint_of(layer: Layer) -> Blueprint:
    """What the layer's builder module makes; the module, and troposphere, is imported only now.

    Raises `TapgenError` where there is no such module.
    """
    return cast("Blueprint", load(f"{layer.module}:build", f"the builder of layer {layer.name}")())


def build(layer: Layer) -> Template:
    """Run the layer's builder, check that the registry knows exactly its inputs, and seal it.

    Raises `TapgenError` naming what the builder and the registry do not agree on, or a name that
    tapgen keeps for itself.
    """
    blueprint = blueprint_of(layer)
    missing = sorted(blueprint.inputs - layer.inputs.keys())
    unused = sorted(layer.inputs.keys() - blueprint.inputs)
    if missing or unused:
        faults = [f"{name} has no source in the registry" for name in missing]
        faults += [f"{name} is in the registry but the builder does not take it" for name in unused]
        raise TapgenError(
            f"layer {layer.name}: {'; '.join(faults)}",
            f"Make the registry of layers and {layer.source} agree.",
        )
    document = blueprint.document()
    policy = stack_policy(stateful_in(document), protected=True)
    text, seal = sealed(pretty(sealable(layer.name, document)), policy)
    return Template(layer.name, text, (document, seal))
