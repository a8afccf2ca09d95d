"""The cache as users meet it: real runs, each a process, and what they had to load."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tapgen.render.memory import evidence
from tests.paths import ROOT

# Tells what it and the processes it forked have loaded; one that was of no use tells nothing.
PROGRAM = """
import atexit, os, sys
def tell():
    with open(os.environ["LOADED"], "a") as file:
        print(*(m for m in sys.modules if "." not in m), file=file)
def leave(code, leaving=os._exit):
    tell()
    leaving(code)
atexit.register(tell)
os._exit = leave
from tapgen.cli.main import main
main(sys.argv[1:])
"""


class Ran(NamedTuple):
    code: int
    out: str
    said: str
    loaded: set[str]


class Project:
    """A project with its own copies of tapgen, of a library, of the settings, and its own cache."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        self.code = folder / "code"
        self.cache = folder / "cache"
        self.loaded = folder / "loaded"
        shutil.copytree(ROOT / "envs", self.folder / "envs")
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "tapgen", self.code / "tapgen", ignore=ignored)
        import awacs

        shutil.copytree(Path(awacs.__file__).parent, self.code / "awacs", ignore=ignored)
        time.sleep(2.1)  # what is younger than a file system's clock can tell is not kept

    @property
    def environment(self) -> dict[str, str]:
        """That of the tests, with a cache, and without measuring coverage of the copy."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name != "TAPGEN_NO_CACHE" and not name.startswith("COVERAGE")
        }
        return inherited | {
            "PYTHONPATH": str(self.code),
            "XDG_CACHE_HOME": str(self.cache),
            "LOADED": str(self.loaded),
        }

    def run(self, *arguments: str, options: tuple[str, ...] = (), **environment: str) -> Ran:
        self.loaded.unlink(missing_ok=True)
        ran = subprocess.run(
            [sys.executable, "-P", *options, "-c", PROGRAM, *arguments],
            cwd=self.folder,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        loaded = set(self.loaded.read_text().split())
        return Ran(ran.returncode, ran.stdout, ran.stderr.rstrip("\n"), loaded)


def edit(path: Path, old: str, new: str) -> None:
    """Edit in place, and put the time back: the change that is hardest to see."""
    status = path.stat()
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.slow
def test_render_runs_again_whenever_anything_differs(tmp_path: Path) -> None:
    project = Project(tmp_path)
    first = project.run("render")
    counts, _, end = first.said.rpartition(": ")
    assert end.endswith(" changed")

    built = True

    def hit(*more: str, options: tuple[str, ...] = (), **environment: str) -> bool:
        ran = project.run("render", *more, options=options, **environment)
        assert ran.code == 0
        nonlocal built
        built = "troposphere" in ran.loaded
        return "yaml" not in ran.loaded

    assert hit()
    assert hit("--check", "--format", "json")
    assert project.run("render").said == f"{counts}: nothing changed"
    assert not hit("--no-cache")
    assert not hit(TAPGEN_NO_CACHE="1")
    assert not hit("--env", "dev")
    assert hit("--env", "dev")
    assert not hit(options=("-O",))
    assert built
    assert hit()
    # Outputs.
    rendered = project.folder / "templates_out" / "dev" / "api.json"
    text = rendered.read_text()
    rendered.write_text("edited")
    assert not hit()
    assert rendered.read_text() == text
    assert hit()
    # Settings.
    edit(project.folder / "envs" / "dev.yaml", "memory_mb: 512", "memory_mb: 640")
    assert not hit()
    assert '"MemoryMb": "640"' in (rendered.with_name("compute.json")).read_text()
    assert not built  # no template depends on settings
    # tapgen's own code, and a library.
    zone = project.code / "tapgen" / "payments" / "layers" / "zone.py"
    edit(zone, "Hosted zone of", "A zone for")
    assert not hit()
    assert built
    assert "A zone for" in (project.folder / "templates_out" / "zone.json").read_text()
    time.sleep(2.1)
    assert not hit()
    assert hit()
    edit(project.code / "awacs" / "xray.py", '"xray"', "'xray'")
    assert not hit()
    assert built
    # Other commands make use of the templates, whatever becomes of their own code.
    time.sleep(2.1)
    assert not hit()
    assert built
    edit(project.code / "tapgen" / "operations" / "sameness.py", "alone cannot", "by itself cannot")
    assert "troposphere" not in project.run("parity", "--declared").loaded


@pytest.mark.slow
def test_lint_asks_cfn_lint_only_about_what_differs(tmp_path: Path) -> None:
    project = Project(tmp_path)
    (project.folder / "envs" / "dev.yaml").unlink()
    edit(project.folder / "envs" / "staging.yaml", "memory_mb: 1024", "memory_mb: 7")
    first = project.run("lint", "--format", "json")
    assert first.code == 3
    assert {one["rule"] for one in json.loads(first.out)["findings"]} == {"T000"}
    assert "cfnlint" in first.loaded
    again = project.run("lint", "--format", "json")
    assert again[:3] == first[:3]
    assert not {"cfnlint", "troposphere", "yaml", "msgspec", "rich"} & again.loaded
    # With the templates known one by one, an edit that reaches none needs no cfn-lint.
    (project.folder / "envs" / "prod.yaml").open("a").write("# a word\n")
    part = project.run("lint", "--format", "json")
    assert part[:3] == first[:3]
    assert not {"cfnlint", "troposphere"} & part.loaded
    # A value of one layer, and the resource schemas that cfn-lint has read.
    edit(project.folder / "envs" / "prod.yaml", "logs_days: 90", "logs_days: 91")
    assert "cfnlint" in project.run("lint").loaded
    lists = [
        entry
        for path in (project.cache / "tapgen").iterdir()
        if isinstance(entry := json.loads(path.read_text()[64:]), list)
    ]
    judged = [entry for entry in lists if any("cfnlint/data/schemas" in str(one) for one in entry)]
    assert len(judged) == 2  # of everything, and of each template


@pytest.mark.slow
def test_two_runs_at_once_and_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    project = Project(tmp_path)
    (tmp_path / "cache").write_text("in the way")
    assert project.run("render").code == 0
    assert project.run("render").said.endswith("nothing changed")
    (tmp_path / "cache").unlink()
    command = [sys.executable, "-P", "-c", PROGRAM, "render", "--quiet"]
    running = [
        subprocess.Popen(
            command,
            cwd=project.folder,
            env=project.environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in running:
        process.communicate(timeout=600)
    assert [process.returncode for process in running] == [0, 0, 0]
    assert "troposphere" not in project.run("render").loaded


# --- within this process --------------------------------------------------------------------------


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache for commands in this process, as if it had just begun, long after the last edit.

    Other tests write into folders of the search path meanwhile, so the project's own are left out.
    """
    lasting = [path for path in sys.path if "site-packages" in path or not _in_project(path)]
    monkeypatch.setattr(sys, "path", lasting)
    monkeypatch.delenv("TAPGEN_NO_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(evidence, "BEGUN", time.time_ns() + 10**12)
    monkeypatch.setattr(evidence, "_watched", {"cfnlint"})
    monkeypatch.setattr(evidence, "_known", set())
    monkeypatch.setattr(evidence, "_too_late", False)
    return tmp_path / "cache" / "tapgen"


def _in_project(path: str) -> bool:
    return Path(path).resolve().is_relative_to(ROOT)


def _never(*_: Any, **__: Any) -> None:
    raise AssertionError("this was known")


def test_render_knows_what_it_wrote(
    cached: Path, project: Path, tapgen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tapgen("render")
    monkeypatch.setattr("tapgen.render.rendering.render", _never)
    again = tapgen("render")
    assert (again.code, again.out) == (0, "")
    assert again.err == f"{first.err.rpartition(':')[0]}: nothing changed\n"
    assert tapgen("render", "--check") == (0, "", "")
    assert tapgen("render", "--no-cache").code == 70
    assert list(cached.iterdir())


@pytest.mark.slow
def test_lint_knows_what_it_found(
    cached: Path, project: Path, tapgen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("dev", "staging", "prod"):
        path = project / "envs" / f"{name}.yaml"
        path.write_text(path.read_text().replace("memory_mb:", "memory_gb:"))
    first = tapgen("lint", "--format", "json")
    assert first.code == 3
    with monkeypatch.context() as patch:
        patch.setattr("tapgen.review.lint.lint.lint", _never)
        assert tapgen("lint", "--format", "json") == first
    # Other bytes, the same templates: nothing is left for cfn-lint.
    (project / "envs" / "common.yaml").open("a").write("# a word\n")
    monkeypatch.setattr("tapgen.review.lint.lint._asked", _never)
    assert tapgen("lint", "--format", "json") == first
