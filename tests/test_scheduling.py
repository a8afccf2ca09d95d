"""What tests share decides where they run; a list that forgets some of them costs seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import scheduling
from tests.paths import ROOT


@pytest.mark.parametrize("start", [*scheduling._TOGETHER, *scheduling._ALONE])
def test_what_is_listed_is_there(start: str) -> None:
    assert (ROOT / start).exists()


def test_whoever_asks_for_what_is_deployed_shares_a_worker() -> None:
    asking = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("test_*.py")
        if "deployed: Target" in path.read_text()
    } - {Path(__file__).relative_to(ROOT).as_posix()}
    assert asking
    assert {scheduling.unit(f"{path}::test") for path in asking} == {"deployed"}


def test_files_stay_in_one_piece_and_some_tests_go_alone() -> None:
    assert scheduling.unit("tests/cli/test_main.py::test_a[x::y]") == "tests/cli/test_main.py"
    assert scheduling.unit("tests/test_docs.py::test_a[b]") == "tests/test_docs.py::test_a[b]"
