from __future__ import annotations

from pathlib import Path

import pytest

from tapgen.render.packages import folders
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
