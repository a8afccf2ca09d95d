from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tapgen.stacks.cache import linting
from tapgen.stacks.cache.linting import Linting
from tapgen.stacks.cache.store import Store
from tests.conftest import ENVS


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`today(date)` makes it that day."""

    def set_to(date: str) -> None:
        monkeypatch.setattr(linting, "today", lambda: date)

    set_to("2029-06-29")
    return set_to


def test_a_verdict_holds_for_the_day(store: Store, rendered: Any, today: Any) -> None:
    """cfn-lint finds a runtime from the day on which Lambda refuses it."""
    kept = Linting(store, ENVS, ()).keep([], rendered)
    assert Linting(store, ENVS, ()).verdict() == kept
    today("2029-06-30")
    assert Linting(store, ENVS, ()).verdict() is None


def test_what_was_found_in_a_template_holds_for_the_day(store: Store, today: Any) -> None:
    templates = Linting(store, ENVS, ()).templates
    templates.note(["found"], "template")
    templates.keep()
    assert Linting(store, ENVS, ()).templates.recall("template") == ["found"]
    today("2029-06-30")
    assert Linting(store, ENVS, ()).templates.recall("template") is None


def test_another_folder_of_settings_has_no_verdict(
    store: Store, rendered: Any, tmp_path: Path
) -> None:
    Linting(store, ENVS, ()).keep([], rendered)
    assert Linting(store, tmp_path, ()).verdict() is None
