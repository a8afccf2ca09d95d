"""A store of answers for tests, as a run finds it that began when all was quiet."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from tapgen.render.memory import evidence
from tapgen.render.memory.store import Store


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store, in a run of its own that began when all was quiet."""
    monkeypatch.setattr(evidence, "BEGUN", time.time_ns() + 10**11)
    monkeypatch.setattr(evidence, "_too_late", False)
    monkeypatch.setattr(evidence, "_known", set())
    # Other tests, and coverage, make files in the working folder meanwhile.
    elsewhere = [folder for folder in sys.path if folder and Path(folder) != Path.cwd()]
    monkeypatch.setattr(sys, "path", elsewhere)
    return Store(tmp_path / "cache")
