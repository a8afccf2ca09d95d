"""The folder that is a ledger where there is no bucket."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tapgen.deploy.record.places import Folder
from tapgen.errors import TapgenError


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "ledger")


def test_what_is_written_is_never_written_over(folder: Folder) -> None:
    assert folder.keys("releases/") == frozenset()
    assert folder.put("releases/1.json", b"one")
    assert not folder.put("releases/1.json", b"two")
    assert folder.get("releases/1.json") == b"one"
    assert folder.get("releases/2.json") is None
    assert folder.keys("releases/") == {"releases/1.json"}


def test_of_many_that_write_at_once_one_has_it(folder: Folder) -> None:
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda number: folder.put("a/1.json", b"%d" % number), range(40)))
    assert won.count(True) == 1
    assert folder.get("a/1.json") == b"%d" % won.index(True)
    assert folder.keys("a/") == {"a/1.json"}


def test_it_is_on_the_disk_when_it_counts_as_written(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []

    def sync(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))

    monkeypatch.setattr(os, "fsync", sync)
    folder.put("a/1.json", b"one")
    content, names = synced
    assert content.startswith(f"{tmp_path}/ledger/a/.1.json.")
    assert names == f"{tmp_path}/ledger/a"


def test_a_file_in_its_way_is_told(tmp_path: Path, folder: Folder) -> None:
    (tmp_path / "ledger").write_text("")
    with pytest.raises(TapgenError, match="cannot write"):
        folder.put("a/1.json", b"one")
    assert folder.keys("a/") == frozenset()


def test_people_see_it_from_where_they_are(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert folder.name == "ledger"
