"""Templates are remembered for exactly the code that makes them."""

from __future__ import annotations

import os
import time
from configparser import ConfigParser
from pathlib import Path

import pytest

from tapgen.model.layer import Layer
from tapgen.payments.platform import PLATFORM
from tapgen.render.memory import evidence
from tapgen.render.memory.store import Store
from tapgen.render.memory.templates import NOT_FOR_BUILDERS, templates
from tapgen.render.sources.draft import BrokenLayerError
from tapgen.render.sources.drafts import build
from tests.paths import ROOT

ZONE, DNS = (layer for layer in PLATFORM.layers if layer.name in {"zone", "dns"})


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


def test_a_layer_of_the_same_name_in_another_platform_is_another(
    store: Store, builds: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "acme").mkdir()
    keys = (ROOT / "tests/small_platform/layers/keys.py").read_text()
    (tmp_path / "acme" / "zone.py").write_text(keys.replace('Blueprint("keys"', 'Blueprint("zone"'))
    templates([ZONE], store)
    other = templates([Layer("zone", "", package="acme")], store)
    assert builds == ["zone", "zone"]
    assert list(other["zone"].resources) == ["Alias", "Key"]


def noticed(store: Store, monkeypatch: pytest.MonkeyPatch, source: Path, home: Path) -> None:
    """Build twice, with an edit of `source` in between, which the run has loaded."""
    source.parent.mkdir(parents=True)
    source.write_text("a = 1")
    monkeypatch.setattr(evidence, "PACKAGE", f"{home}{os.sep}")
    evidence.rely_on([str(source)])
    templates([ZONE], store)
    time.sleep(0.02)
    source.write_text("a = 2")
    templates([ZONE], store)


@pytest.mark.parametrize(
    ("folder", "times"),
    [
        ("payments", 2),
        ("payments/layers/parts", 2),
        ("render", 2),
        ("settings", 2),
        ("model", 2),
        *((room, 1) for room in NOT_FOR_BUILDERS),
    ],
)
def test_it_is_built_again_for_other_code_that_makes_templates(
    store: Store, builds: list[str], monkeypatch: pytest.MonkeyPatch, folder: str, times: int
) -> None:
    home = store.folder.parent / "tapgen"
    noticed(store, monkeypatch, home / folder / "source.py", home)
    assert builds == ["zone"] * times


def test_it_is_built_again_for_other_code_of_a_platform_outside(
    store: Store, builds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = store.folder.parent
    noticed(store, monkeypatch, home / "acme" / "deploy" / "source.py", home / "tapgen")
    assert builds == ["zone", "zone"]


def test_an_edited_template_file_is_read_again(
    store: Store, builds: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.syspath_prepend(tmp_path / "code")
    file = tmp_path / "code" / "filed" / "topic.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("Resources: {Topic: {Type: AWS::SNS::Topic}}\n")
    layer = Layer("topic", "", package="filed", template="topic.yaml")
    first = templates([layer], store)
    assert templates([layer], store) == first
    assert builds == ["topic"]
    file.write_text("Resources: {Another: {Type: AWS::SNS::Topic}}\n")
    assert list(templates([layer], store)["topic"].resources) == ["Another"]
    assert builds == ["topic", "topic"]
    file.write_text("Resources: {\n")
    with pytest.raises(BrokenLayerError, match="is not valid YAML"):
        templates([layer], store)


def test_what_only_looks_takes_the_committed_template_while_the_file_is_broken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "edited").mkdir()
    file = tmp_path / "edited" / "topic.yaml"
    file.write_text("Resources: {Topic: {Type: AWS::SNS::Topic}}\n")
    layer = Layer("topic", "", package="edited", template="topic.yaml")
    known = build(layer)
    (tmp_path / "topic.json").write_text(known.text)
    file.write_text("Resources: {Topic: {Type: AWS::SNS::Topic, DependsOn: [1]}}\n")
    assert templates([layer], None, tmp_path) == {"topic": known}
    assert "DependsOn: does not name resources" in caplog.text
    assert f"{tmp_path}/topic.json is used instead" in caplog.text


def test_other_code_is_what_no_builder_may_import() -> None:
    """By the contracts: rooms import only rooms below them, builders none of those left out."""
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    rooms = config["importlinter:contract:layers"]["layers"].replace("|", " ").split()
    above = rooms[: rooms.index("render")]
    assert {*NOT_FOR_BUILDERS, "configuration", "project", "starters"} == {*above, "local"}
    builders = config["importlinter:contract:builders"]
    assert builders["source_modules"].split() == ["tapgen.payments.layers"]
    assert builders["forbidden_modules"].split() == [f"tapgen.{room}" for room in NOT_FOR_BUILDERS]
