from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from tapgen.render.memory import evidence
from tapgen.render.memory.memory import FORGETFUL, Memory, key
from tapgen.render.memory.store import Store


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "library.py"
    path.write_text("a = 1")
    evidence.rely_on([str(path)])
    return path


def kept(store: Store, kind: str = "kind", *question: str) -> None:
    memory = Memory(store, kind)
    memory.note({"answer": 1}, *(question or ("a", "b")))
    memory.keep()


def test_an_answer_is_found_by_the_same_question(store: Store) -> None:
    assert Memory(store, "kind").recall("a", "b") is None
    kept(store)
    assert Memory(store, "kind").recall("a", "b") == {"answer": 1}


@pytest.mark.parametrize("question", [("a",), ("ab",), ("a", "b", ""), ("b", "a"), ("a", "c")])
def test_another_question_has_no_answer(store: Store, question: tuple[str, ...]) -> None:
    kept(store)
    assert Memory(store, "kind").recall(*question) is None


def test_another_kind_has_no_answer(store: Store) -> None:
    kept(store)
    assert Memory(store, "other").recall("a", "b") is None


def test_other_code_has_no_answer(store: Store, library: Path) -> None:
    kept(store)
    assert Memory(store, "kind").recall("a", "b") is not None
    time.sleep(0.02)
    library.write_text("a = 2")
    assert Memory(store, "kind").recall("a", "b") is None


def test_answers_of_unsettled_code_are_not_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "BEGUN", 0)
    kept(store)
    assert not store.folder.exists()


def test_an_edit_while_answers_are_kept_is_noticed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited: list[bool] = []
    digest = evidence.digest

    def edit(files: Iterable[str]) -> str:
        edited.append(True)
        return digest(files)

    monkeypatch.setattr(evidence, "digest", edit)
    monkeypatch.setattr(evidence, "settled", lambda _: not edited)
    kept(store)
    assert not store.folder.exists()


def test_code_that_does_not_count_may_change(store: Store, library: Path) -> None:
    memory = Memory(store, "kind", lambda path: path != str(library))
    memory.note(1, "a")
    memory.keep()
    time.sleep(0.02)
    library.write_text("a = 2")
    assert Memory(store, "kind").recall("a") == 1


def test_an_answer_brings_along_the_code_that_it_was_found_by(
    store: Store, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One kind's answer is made use of for another's, by a process that loads less."""
    kept(store, "part")
    monkeypatch.setattr(evidence, "_known", set())
    assert Memory(store, "part").recall("a", "b") is not None
    kept(store, "whole")
    time.sleep(0.02)
    library.write_text("a = 2")
    assert Memory(store, "whole").recall("a", "b") is None


def test_recalled_answers_outlast_a_longer_list(store: Store, tmp_path: Path) -> None:
    kept(store)
    memory = Memory(store, "kind")
    memory.recall("a", "b")
    evidence.rely_on([str(tmp_path / "more.py")])
    memory.note(2, "c")
    memory.keep()
    assert Memory(store, "kind").recall("a", "b") == {"answer": 1}
    assert Memory(store, "kind").recall("c") == 2


def test_without_a_store_nothing_is_known() -> None:
    FORGETFUL.note(1, "a")
    FORGETFUL.keep()
    assert FORGETFUL.recall("a") is None


def test_parts_of_a_key_do_not_run_together() -> None:
    assert len({key("ab", "c"), key("a", "bc"), key("abc"), key("abc", ""), key()}) == 5


def test_a_folder_whose_name_is_no_utf_8_has_a_key_too() -> None:
    folders = [os.fsdecode(b"/caf\xe9"), os.fsdecode(b"/caf\xe8"), "/caf\xe9"]
    assert len({key(folder) for folder in folders}) == len(folders)
    assert len({evidence.digest([folder]) for folder in folders}) == len(folders)
