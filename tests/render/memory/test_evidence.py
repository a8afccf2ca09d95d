"""Whatever an answer was found by is part of its key: each part is changed by itself."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import cache_from_source
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tapgen.render.memory import evidence


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A source file of tapgen."""
    path = tmp_path / "tapgen" / "layer.py"
    path.parent.mkdir()
    path.write_text("a = 1")
    monkeypatch.setattr(evidence, "PACKAGE", f"{path.parent}{os.sep}")
    return path


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "library.py"
    path.write_text("a = 1")
    return path


def _same_size_and_time(path: Path) -> None:
    """The edit that is hardest to see: in place, as long as before, its time put back."""
    status = path.stat()
    path.write_text("a = 2")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _replaced(path: Path) -> None:
    """What package managers do."""
    status = path.stat()
    other = path.with_name("new")
    other.write_text("a = 2")
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(path)


@pytest.mark.parametrize("change", [_same_size_and_time, _replaced, Path.unlink, Path.touch])
def test_any_change_of_a_library_counts(library: Path, change: Callable[[Path], object]) -> None:
    before = evidence.digest([str(library)])
    assert evidence.digest([str(library)]) == before
    time.sleep(0.02)  # the clock of a file system goes in steps
    change(library)
    assert evidence.digest([str(library)]) != before


@pytest.mark.parametrize("change", [_same_size_and_time, _replaced, Path.unlink])
def test_own_sources_count_by_content(own: Path, change: Callable[[Path], object]) -> None:
    before = evidence.digest([str(own)])
    own.touch()
    assert evidence.digest([str(own)]) == before
    change(own)
    assert evidence.digest([str(own)]) != before
    own.write_text("a = 1")
    assert evidence.digest([str(own)]) == before


def test_another_list_is_another_digest(library: Path) -> None:
    assert evidence.digest([str(library)]) != evidence.digest([])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("version", "3.99.0"),
        ("executable", "/elsewhere/python"),
        ("flags", SimpleNamespace(optimize=1, dev_mode=False)),
        ("path", ["/elsewhere"]),
    ],
)
def test_another_python_counts(monkeypatch: pytest.MonkeyPatch, name: str, value: Any) -> None:
    before = evidence.digest([])
    monkeypatch.setattr(sys, name, value)
    assert evidence.digest([]) != before


def test_a_module_added_to_the_search_path_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    before = evidence.digest([])
    time.sleep(0.02)
    (tmp_path / "yaml.py").touch()
    assert evidence.digest([]) != before


def test_what_was_touched_moments_ago_is_not_settled(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(evidence, "_too_late", False)
    changed = library.stat().st_ctime_ns
    monkeypatch.setattr(evidence, "BEGUN", changed + 2_000_000_000)
    assert evidence.settled([str(library)])
    assert evidence.settled([str(library), str(library.with_name("gone"))])
    monkeypatch.setattr(evidence, "BEGUN", changed + 1_999_999_999)
    assert not evidence.settled([str(library)])
    assert evidence.settled([])
    monkeypatch.setattr(sys, "path", [str(library)])
    assert not evidence.settled([])


def test_every_module_counts_and_every_file_that_was_relied_on() -> None:
    evidence.rely_on(["/somewhere/data.json", "/somewhere/alone.pyc"])
    files = evidence.loaded()
    assert {__file__, pytest.__file__, os.__file__} <= files
    assert {"/somewhere/data.json", "/somewhere/alone.pyc"} <= files


@pytest.mark.parametrize("suffix", ["", ".140234"])
def test_bytecode_counts_as_the_source_it_was_compiled_from(library: Path, suffix: str) -> None:
    evidence.rely_on([cache_from_source(str(library)) + suffix])
    assert str(library) in evidence.loaded()
    assert not [path for path in evidence.loaded() if "__pycache__" in path]


@pytest.mark.parametrize(
    ("event", "path", "noted"),
    [
        ("open", "/lib/library/data/a.json", True),
        ("open", "/lib/library.json", False),
        ("open", 3, False),
        ("import", "/lib/library/data/a.json", False),
    ],
)
def test_what_is_opened_in_a_watched_folder_is_noted(
    monkeypatch: pytest.MonkeyPatch, event: str, path: object, noted: bool
) -> None:
    monkeypatch.setattr(evidence, "_watched", {"library"})
    monkeypatch.setattr(evidence, "_known", set())
    evidence._note(event, (path, "r", 0))  # as the interpreter calls it, without tracing
    assert (path in evidence.loaded()) is noted


_WATCH = """
import sys
from tapgen.render.memory import evidence
sys.path.insert(0, {path!r})
{before}
evidence.watch("noted")
evidence.watch("noted")
import noted
print(sorted(path.rpartition("/")[2] for path in evidence.loaded() if "noted" in path))
evidence.BEGUN += 10**11
print(evidence.settled([]))
"""


@pytest.mark.parametrize(
    ("before", "files", "settled"),
    [("", "['__init__.py', 'data.json']", "True"), ("import noted", "['__init__.py']", "False")],
)
def test_data_files_count_if_they_were_watched_from_the_beginning(
    tmp_path: Path, before: str, files: str, settled: str
) -> None:
    package = tmp_path / "noted"
    package.mkdir()
    (package / "__init__.py").write_text(
        "from pathlib import Path\nPath(__file__).with_name('data.json').read_text()"
    )
    (package / "data.json").touch()
    program = _WATCH.format(path=str(tmp_path), before=before)
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines() == [files, settled]
