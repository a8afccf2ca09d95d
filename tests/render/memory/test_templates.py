"""Templates are remembered for exactly the code that makes them."""

from __future__ import annotations

import os
import time

import pytest

from tapgen.model.layer import Layer
from tapgen.payments.layers.registry import LAYERS
from tapgen.render.builders import build
from tapgen.render.memory import evidence
from tapgen.render.memory.store import Store
from tapgen.render.memory.templates import templates
from tests.paths import ROOT

ZONE, DNS = (layer for layer in LAYERS if layer.name in {"zone", "dns"})


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The layers that were built, in turn."""
    found: list[str] = []

    def noting(layer: Layer) -> object:
        found.append(layer.name)
        return build(layer)

    monkeypatch.setattr("tapgen.render.memory.templates.build", noting)
    return found


def test_a_template_is_built_once(store: Store, builds: list[str]) -> None:
    first = templates([ZONE], store)
    assert templates([ZONE], store) == first == {"zone": build(ZONE)}
    assert builds == ["zone"]
    assert list(templates([DNS, ZONE], store)) == ["dns", "zone"]
    assert builds == ["zone", "dns"]


def test_without_a_store_it_is_built_every_time(builds: list[str]) -> None:
    assert templates([ZONE], None) == templates([ZONE], None)
    assert builds == ["zone", "zone"]


@pytest.mark.parametrize(
    ("folder", "times"),
    [("layers", 2), ("stacks", 2), ("cli", 1), ("deploy", 1), ("aws", 1)],
)
def test_it_is_built_again_for_other_code_that_makes_templates(
    store: Store, builds: list[str], monkeypatch: pytest.MonkeyPatch, folder: str, times: int
) -> None:
    package = f"{store.folder.parent}{os.sep}"
    source = store.folder.parent / folder / "source.py"
    source.parent.mkdir()
    source.write_text("a = 1")
    monkeypatch.setattr(evidence, "PACKAGE", package)
    monkeypatch.setattr(
        "tapgen.render.memory.templates._OTHERS",
        tuple(f"{package}{name}{os.sep}" for name in ("aws", "cli", "deploy")),
    )
    evidence.rely_on([str(source)])
    templates([ZONE], store)
    time.sleep(0.02)
    source.write_text("a = 2")
    templates([ZONE], store)
    assert builds == ["zone"] * times


def test_other_code_is_what_no_builder_may_import() -> None:
    config = (ROOT / "setup.cfg").read_text()
    direction = config.partition("importlinter:contract:direction]")[2].partition("[")[0]
    left, _, right = direction.partition("tapgen.stacks")
    assert all(f"tapgen.{name}\n" in left for name in ("aws", "cli", "deploy"))
    assert "tapgen.payments.layers" in right
