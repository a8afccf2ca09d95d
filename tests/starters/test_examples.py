"""`examples/worker` is what `tapgen init --platform example` writes, rendered.

TAPGEN_UPDATE_GOLDEN=1 writes it anew.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tapgen import __version__, operations
from tapgen.project import Project
from tapgen.starters import writing
from tapgen.starters.wishes import KINDS, Wishes
from tests.paths import ROOT
from tests.repository_files import needs_git, tracked

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = ROOT / "examples" / "worker"
ACCOUNTS = {"dev": "111111111111", "staging": "222222222222", "prod": "333333333333"}


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The project as it is written by a tapgen that an index gave, rendered."""
    monkeypatch.setattr(writing, "requirement", lambda extra: f"tapgen[{extra}] == {__version__}")
    monkeypatch.setattr("sys.path", [*sys.path])
    folder = tmp_path / "worker"
    operations.init(folder, Wishes("example", "worker", "us-east-1", ACCOUNTS))
    monkeypatch.chdir(folder)
    operations.render(Project.find(folder, remember=False))
    yield folder
    for name in [name for name in sys.modules if name.startswith("worker_platform")]:
        del sys.modules[name]


@needs_git
@pytest.mark.slow
def test_the_example_is_what_init_writes(written: Path) -> None:
    made = {
        str(path.relative_to(written)): path.read_text()
        for path in written.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    if os.environ.get("TAPGEN_UPDATE_GOLDEN"):
        shutil.rmtree(EXAMPLE, ignore_errors=True)
        for name, text in made.items():
            (EXAMPLE / name).parent.mkdir(parents=True, exist_ok=True)
            (EXAMPLE / name).write_text(text)
    start = f"{EXAMPLE.relative_to(ROOT)}/"
    there = {name.removeprefix(start) for name in tracked() if name.startswith(start)}
    assert there == made.keys(), "commit all files of the example"
    for name, text in made.items():
        assert (EXAMPLE / name).read_text() == text, f"{name}: write it with TAPGEN_UPDATE_GOLDEN=1"


@pytest.mark.slow
@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if not kind.copied])
def test_what_is_written_is_in_our_style(kind: str, tmp_path: Path) -> None:
    """ruff with the rules of this repository, mypy as strict as here."""
    folder = tmp_path / "shop"
    operations.init(folder, Wishes(kind, "shop", "us-east-1", ACCOUNTS))
    ruff = (sys.executable, "-m", "ruff")
    rules = ("--config", str(ROOT / "pyproject.toml"), "--no-cache")
    ignored = '"tests/**" = ["S101", "PLR2004", "D", "INP001"], ".github/**" = ["ALL"]'
    less = ("--config", f"lint.per-file-ignores = {{{ignored}}}")  # .github is looked at as ours
    order = ("known-first-party = ['shop_platform']", "known-third-party = ['tapgen']")
    sorting = [word for line in order for word in ("--config", f"lint.isort.{line}")]
    strict = ("--strict", "--config-file", str(ROOT / "pyproject.toml"))
    commands = (
        (*ruff, "check", *rules, *less, *sorting, "--ignore", "TC002", "."),
        (*ruff, "format", "--check", *rules, "."),
        (sys.executable, "-m", "mypy", *strict, "--cache-dir", str(ROOT / ".mypy_cache"), "."),
    )
    for command in commands:
        ran = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "MYPYPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout
