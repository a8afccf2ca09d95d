"""Durations: what is known helps, what cannot be read or written does no harm."""

from __future__ import annotations

from pathlib import Path

import pytest

from tapgen.deploy.durations import Durations, cache_file


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
    durations = Durations()
    durations.note("network", "CREATE", 1)
    durations.save()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"network CREATE": "soon"}', '{"a": null}'])
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


def test_the_cache_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_file() == tmp_path / "tapgen" / "durations.json"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_file() == tmp_path / ".cache" / "tapgen" / "durations.json"
