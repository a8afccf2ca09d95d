from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from tapgen.render.memory import store as module
from tapgen.render.memory.store import Store, user_store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "tapgen"


def test_an_entry_is_found_again_by_its_key_only(folder: Path) -> None:
    store = Store(folder)
    assert store.load("key") is None
    store.save({"key": {"a": [1, "ü"]}, "other": []})
    assert Store(folder).load("key") == {"a": [1, "ü"]}
    assert store.load("other") == []
    assert store.load("ke") is None


def test_an_entry_in_the_place_of_another_counts_as_none(folder: Path) -> None:
    store = Store(folder)
    store.save({"one": {"a": 1}, "two": [2]})
    one, two = folder / "one", folder / "two"
    one.rename(folder / "aside")
    two.rename(one)
    (folder / "aside").rename(two)
    assert (store.load("one"), store.load("two")) == (None, None)


def test_nobody_else_can_read_or_write_it(folder: Path) -> None:
    Store(folder).save({"key": 1})
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in folder.iterdir()] == [0o600]


def test_a_folder_that_others_may_write_to_is_not_used(folder: Path) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    Store(folder).save({"key": 1})
    assert list(folder.iterdir()) == []


def test_what_others_could_have_put_there_is_not_believed(folder: Path) -> None:
    Store(folder).save({"key": 1})
    folder.chmod(0o777)
    assert Store(folder).load("key") is None


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff" * 70, None])
def test_a_damaged_entry_counts_as_none(folder: Path, damage: bytes | None) -> None:
    store = Store(folder)
    store.save({"key": {"findings": ["one"]}})
    path = folder / "key"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"one", b"two") if damage is None else damage)
    assert store.load("key") is None
    store.save({"key": 2})
    assert store.load("key") == 2


def test_what_cannot_be_written_is_not_kept_and_leaves_nothing(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("in the way")
    Store(folder).save({"key": 1})
    (tmp_path / "cache").unlink()
    (folder / "key").mkdir(parents=True)
    (folder / "key" / "inside").touch()
    folder.chmod(0o700)
    Store(folder).save({"key": 1})
    assert [path.name for path in folder.iterdir()] == ["key"]


def test_the_oldest_entries_give_way(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_ENTRIES", 3)
    store = Store(folder)
    for number in range(5):
        store.save({f"key{number}": number})
        os.utime(folder / f"key{number}", (number, number))
    assert sorted(path.name for path in folder.iterdir()) == ["key2", "key3", "key4"]
    monkeypatch.setattr(module, "_MOST_BYTES", 140)  # two entries of 65 bytes
    store.save({"key5": 5})
    assert sorted(path.name for path in folder.iterdir()) == ["key4", "key5"]


def _save_and_load(folder: Path, number: int) -> set[str]:
    """Overwrite one entry again and again, and look what is found meanwhile."""
    store, seen = Store(folder), set()
    for _ in range(50):
        store.save({"key": [number] * 200})
        seen.add(json.dumps(store.load("key")))
    return seen


def test_two_processes_see_whole_entries_only(folder: Path) -> None:
    with ProcessPoolExecutor(2, get_context("spawn")) as workers:
        seen = set.union(*workers.map(_save_and_load, [folder] * 2, [1, 2]))
    assert seen <= {json.dumps([1] * 200), json.dumps([2] * 200)}
    assert [path.name for path in folder.iterdir()] == ["key"]


@pytest.mark.parametrize(
    ("platform", "cache_home", "home", "expected"),
    [
        ("linux", "/x", "/home/me", "/x/tapgen"),
        ("linux", "", "/home/me", "/home/me/.cache/tapgen"),
        ("linux", "relative", "/home/me", "/home/me/.cache/tapgen"),
        ("darwin", "", "/home/me", "/home/me/Library/Caches/tapgen"),
    ],
)
def test_it_is_where_the_system_keeps_caches(
    monkeypatch: pytest.MonkeyPatch, platform: str, cache_home: str, home: str, expected: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv("XDG_CACHE_HOME", cache_home)
    monkeypatch.setenv("HOME", home)
    found = user_store()
    assert found is not None
    assert found.folder == Path(expected)


def test_without_a_home_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # what it does without a home
    assert user_store() is None
