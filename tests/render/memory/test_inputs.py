from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tapgen.render.memory.inputs import settings


@pytest.fixture
def envs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "envs").mkdir()
    for name in ("common", "dev"):
        (tmp_path / "envs" / f"{name}.yaml").write_text(f"name: {name}\n")
    return Path("envs")


@pytest.mark.parametrize(
    "change",
    [
        lambda envs: (envs / "dev.yaml").write_text("name: dev \n"),
        lambda envs: (envs / "common.yaml").unlink(),
        lambda envs: (envs / "qa.yaml").write_text(""),
        lambda envs: (envs / "dev.yaml").rename(envs / "qa.yaml"),
    ],
)
def test_every_byte_and_name_counts(envs: Path, change: Callable[[Path], object]) -> None:
    before = settings(envs)
    assert before is not None
    assert settings(envs) == before
    change(envs)
    assert settings(envs) not in {before, None}


def test_other_files_and_times_do_not_count(envs: Path) -> None:
    before = settings(envs)
    (envs / "notes.txt").write_text("a")
    os.utime(envs / "dev.yaml", (1, 1))
    assert settings(envs) == before


def test_the_place_counts_because_messages_name_it(
    envs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, absolute = settings(envs), settings(envs.resolve())
    monkeypatch.chdir(envs)
    assert len({here, absolute, settings(Path())}) == 3


def test_what_cannot_be_read_is_for_the_loader_to_explain(envs: Path) -> None:
    assert settings(Path("nowhere")) != settings(envs)
    (envs / "qa.yaml").mkdir()
    assert settings(envs) is None
