"""`tapgen destroy` where nothing is deployed; tests/deploy shows it at work."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def test_what_is_not_there_needs_no_deleting(local_tapgen: Any) -> None:
    ran = local_tapgen("destroy", "--layer", "zone", "--yes", "--format", "json")
    assert ran.code == 0
    outcomes = json.loads(ran.out.splitlines()[-1])["outcomes"]
    assert outcomes["zone"]["kind"] in {"Deleted", "Unchanged"}


def test_the_name_has_to_be_typed(local_tapgen: Any, terminal: Any) -> None:
    terminal.type("production\n")
    with terminal.attached():
        ran = local_tapgen("destroy", "--purge-data")
    assert ran.code == 0
    shown = terminal.shown()
    assert "AND ALL DATA? Type 'dev' to go on:" in shown
    assert "Nothing was changed." in shown
