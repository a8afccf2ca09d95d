from __future__ import annotations

from pathlib import Path

import pytest

from tapgen.model.layer import Layer
from tapgen.model.platform import Platform
from tapgen.payments.platform import PLATFORM
from tapgen.render.packages import folders, sources_of, template_file_of
from tests.paths import ROOT


def test_a_package_is_found_without_importing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "acme" / "lambdas").mkdir(parents=True)
    (tmp_path / "acme" / "lambdas" / "__init__.py").write_text("raise ValueError")
    monkeypatch.syspath_prepend(tmp_path)
    assert folders("acme.lambdas") == [str(tmp_path / "acme" / "lambdas")]
    assert folders("tapgen.payments.layers") == [str(ROOT / "tapgen" / "payments" / "layers")]


@pytest.mark.parametrize("name", ["", "nosuch", "nosuch.package", "io", "tapgen.errors", ".a"])
def test_what_is_no_package_is_nowhere(name: str) -> None:
    assert folders(name) == []


def test_a_file_is_named_as_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "src" / "places_platform"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path / "src")
    layers = (
        Layer("a", "", package="places_platform"),
        Layer("b", "", package="places_platform", template="b.yaml"),
        Layer("c", "", package="nowhere.to.be.seen"),
    )
    platform = Platform(name="places", layers=layers)
    monkeypatch.chdir(tmp_path)
    found = {"a": "src/places_platform/a.py", "c": "nowhere/to/be/seen/c.py"}
    assert sources_of(platform) == found
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert sources_of(platform) == {**found, "a": str(package / "a.py")}
    assert template_file_of(layers[1]) == package / "b.yaml"
    assert template_file_of(layers[2]) is None


def test_files_of_tapgen_itself_are_called_alike_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert sources_of(PLATFORM)["zone"] == "tapgen/payments/layers/zone.py"
