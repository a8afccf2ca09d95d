"""An answer is known again for the same files and the same question, and for no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tapgen.render.memory import evidence
from tapgen.render.memory.answer import Answer
from tapgen.render.memory.store import Store


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """One that trusts whatever files there are, however young."""
    monkeypatch.setattr(evidence, "settled", lambda _: True)
    return Store(tmp_path / "cache")


@pytest.fixture
def envs(tmp_path: Path) -> Path:
    folder = tmp_path / "envs"
    folder.mkdir()
    (folder / "dev.yaml").write_text("name: dev\n")
    return folder


def test_the_same_question_about_the_same_files(store: Store, envs: Path) -> None:
    assert Answer(store, "cost", envs, "dev").recall() is None
    Answer(store, "cost", envs, "dev").keep({"a": [1]})
    assert Answer(store, "cost", envs, "dev").recall() == {"a": [1]}
    assert Answer(store, "cost", envs, "dev", "qa").recall() is None
    assert Answer(store, "lint", envs, "dev").recall() is None
    (envs / "dev.yaml").write_text("name: qa\n")
    assert Answer(store, "cost", envs, "dev").recall() is None


def test_files_that_were_edited_in_the_meantime(store: Store, envs: Path) -> None:
    answer = Answer(store, "cost", envs)
    (envs / "dev.yaml").write_text("name: qa\n")
    answer.keep(1)
    assert Answer(store, "cost", envs).recall() is None


def test_nothing_is_kept_without_a_store_or_of_files_that_cannot_be_read(
    store: Store, envs: Path
) -> None:
    assert Answer(store, "cost", envs).is_kept
    (envs / "qa.yaml").mkdir()
    for answer in (Answer(None, "cost", envs), Answer(store, "cost", envs)):
        assert not answer.is_kept
        answer.keep(1)
        assert answer.recall() is None
    (envs / "qa.yaml").rmdir()
    assert Answer(store, "cost", envs).recall() is None
