from __future__ import annotations

from tapgen.payments.layers.registry import LAYERS


def test_layers_take_from_layers_that_stand_before_them() -> None:
    before: set[str] = set()
    for layer in LAYERS:
        assert {source.layer for source in layer.inputs.values()} <= before, layer.name
        before.add(layer.name)
    assert len(before) == len(LAYERS)
