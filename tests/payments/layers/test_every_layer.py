"""What holds for every layer of the platform, beside tapgen's own rules about their templates."""

from __future__ import annotations

from typing import Any

import pytest

from tapgen.model.layer import Layer
from tapgen.payments.layers.registry import LAYERS
from tapgen.render.sources.builders import blueprint_of

every_layer = pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)


@every_layer
def test_the_registry_and_the_builder_agree_on_inputs(layer: Layer) -> None:
    assert blueprint_of(layer).inputs == layer.inputs.keys()


@every_layer
def test_every_input_is_an_output_of_its_layer(template: Any, layer: Layer) -> None:
    for source in layer.inputs.values():
        assert source.output in template(source.layer)["Outputs"], str(source)
