"""Durations: what is known helps, what cannot be read or written does no harm."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tapgen.deploy.target.durations import Durations, cache_file
from tapgen.render.memory import store as store_module
from tapgen.render.memory.store import Store


def test_what_one_run_notes_the_next_one_knows(tmp_path: Path) -> None:
    path = tmp_path / "new" / "durations.json"
    first = Durations.load(path)
    assert first.expected("network", "CREATE") is None
    first.note("network", "CREATE", 15.001)
    first.save()
    second = Durations.load(path)
    second.note("data", "UPDATE", 8)
    second.save()
    known = Durations.load(path)
    assert known.expected("network", "CREATE") == 15.0
    assert known.expected("data", "UPDATE") == 8.0
    assert known.expected("data", "CREATE") is None


def test_nothing_new_is_not_written(tmp_path: Path) -> None:
    Durations.load(tmp_path / "durations.json").save()
    assert list(tmp_path.iterdir()) == []


def test_without_a_place_nothing_is_kept() -> None:
    durations = Durations.load(None)
    durations.note("network", "CREATE", 1)
    durations.save()
    assert durations.expected("network", "CREATE") is None


BEYOND_NUMBERS = f'{{"a": 1{"0" * 400}}}'
TOO_DEEP = "[" * 100_000


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", '{"network CREATE": "soon"}', '{"a": null}'),
        *(BEYOND_NUMBERS, TOO_DEEP, '{"network CREATE": NaN}', '{"network CREATE": 1e999}'),
        '{"network CREATE": -5}',
    ],
    ids=lambda text: text[:30],
)
def test_what_cannot_be_read_is_forgotten(tmp_path: Path, text: str) -> None:
    path = tmp_path / "durations.json"
    path.write_text(text)
    durations = Durations.load(path)
    assert durations.expected("network", "CREATE") is None
    durations.note("network", "CREATE", 1)
    durations.save()
    assert Durations.load(path).expected("network", "CREATE") == 1.0


def test_where_nothing_can_be_written_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    durations = Durations.load(tmp_path / "taken" / "durations.json")
    durations.note("network", "CREATE", 1)
    durations.save()
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("taken", "")]


def test_the_cache_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_file() == tmp_path / "tapgen" / "durations.json"
    monkeypatch.setenv("HOME", str(tmp_path))
    for none in ("", "relative"):  # a relative one is to be ignored, says XDG
        monkeypatch.setenv("XDG_CACHE_HOME", none)
        assert cache_file() == tmp_path / ".cache" / "tapgen" / "durations.json"


def test_without_a_home_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # what it does without a home
    assert cache_file() is None
    durations = Durations.load(None)
    durations.note("network", "CREATE", 1)
    durations.save()
    assert durations.expected("network", "CREATE") is None


def test_the_folder_may_hold_the_answers_of_lint_too(tmp_path: Path) -> None:
    durations = Durations.load(tmp_path / "tapgen" / "durations.json")
    durations.note("network", "CREATE", 1)
    before = os.umask(0o002)  # that of users with a group of their own
    try:
        durations.save()
    finally:
        os.umask(before)
    store = Store(tmp_path / "tapgen")
    store.save({"key": 1})
    assert store.load("key") == 1


def test_answers_that_give_way_leave_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "tapgen" / "durations.json"
    durations = Durations.load(path)
    durations.note("network", "CREATE", 1)
    durations.save()
    os.utime(path, (0, 0))
    monkeypatch.setattr(store_module, "_MOST_ENTRIES", 1)
    for number in range(2):
        Store(path.parent).save({f"key{number}": number})
    assert len(list(path.parent.iterdir())) == 2
    assert Durations.load(path).expected("network", "CREATE") == 1
