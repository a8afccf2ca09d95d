"""The built wheel, in a virtual environment of its own, outside of the checkout: the whole way.

The payments platform is removed from what is installed, so nothing of it can be imported. What the
wheel needs comes from the environment that runs this test, and nothing from a network.
"""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tapgen import __version__
from tests.paths import ROOT
from tests.repository_files import needs_git, tracked
from tests.test_docs import failure, write_files
from tests.test_packaging import build

pytestmark = [needs_git, pytest.mark.slow]

ACCOUNTS = ("--account", "dev=111111111111", "--account", "staging=222222222222", "--account",
            "prod=333333333333")  # fmt: skip
LAYERS = ["network", "storage", "database", "jobs", "worker", "alarms"]


class Outside:
    """A folder outside of the checkout, with an environment in which the wheel is installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "environment" / "bin"

    def run(self, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment, and see it end with that code."""
        left_out = ("PYTHON", "PYTEST", "COVERAGE", "COV_", "TAPGEN_", "AWS_")
        environment = {n: v for n, v in os.environ.items() if not n.startswith(left_out)}
        ran = subprocess.run(
            [self.programs / words[0], *words[1:]],
            cwd=self.folder,
            env={**environment, "PATH": f"{self.programs}:{os.environ['PATH']}", "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert ran.returncode == code, f"{words}\n{ran.stdout}\n{ran.stderr}"
        return ran

    def tapgen(self, *words: str, code: int = 0) -> str:
        return self.run("tapgen", *words, code=code).stdout

    def json(self, *words: str, code: int = 0) -> Any:
        """The document that a command prints as JSON."""
        return json.loads(self.tapgen(*words, "--format", "json", code=code))

    def outcomes(self, *words: str) -> dict[str, str]:
        """Layer -> what became of it, from the last line of a run's stream."""
        lines = self.tapgen(*words, "--yes", "--format", "json").splitlines()
        (environment,) = json.loads(lines[-1])["environments"].values()
        return {layer: one["kind"] for layer, one in environment.items()}


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Outside:
    folder = tmp_path_factory.mktemp("outside")
    checkout = folder / "checkout"
    for name in tracked():
        if name.startswith(("tapgen/", "setup", "pyproject", "README", "LICENSE", "MANIFEST")):
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, checkout / name)
    wheel = build(checkout, "build_wheel")
    shutil.rmtree(checkout)
    made = Outside(folder)
    venv.create(made.programs.parent, symlinks=True)
    (packages,) = made.programs.parent.glob("lib/python*/site-packages")
    pip = [sys.executable, "-m", "pip", "--python", str(made.programs / "python"), "install"]
    subprocess.run([*pip, "--no-deps", "--no-index", "--quiet", wheel], check=True, timeout=600)
    shutil.rmtree(packages / "tapgen" / "payments")
    # Last on the path; files below it are not looked at, so that the checkout's own stays away.
    (packages / "others.pth").write_text("\n".join(site.getsitepackages()))
    return made


@pytest.fixture(scope="module")
def project(outside: Outside) -> Iterator[Outside]:
    """A project begun by the installed tapgen; its local AWS ends with the tests."""
    told = outside.tapgen("init", "jobs", "--platform", "example", *ACCOUNTS)
    assert told.splitlines()[0].endswith(" files to jobs: worker")
    begun = Outside(outside.folder)
    begun.folder = outside.folder / "jobs"
    yield begun
    begun.run("tapgen", "local", "stop")


def test_the_tutorial_runs_from_beginning_to_end(outside: Outside, tmp_path: Path) -> None:
    document = (ROOT / "docs" / "tutorial.md").read_text()
    write_files(document, tmp_path)
    try:
        assert failure(document, tmp_path, outside.programs) is None
    finally:
        begun = Outside(outside.folder)
        begun.folder = tmp_path / "jobs"
        begun.run("tapgen", "local", "stop")


# In this order: each test goes on where the one before has ended.


def test_what_is_installed_is_the_wheel_without_payments(
    outside: Outside, project: Outside
) -> None:
    program = "import tapgen, tapgen.local, sys; print(tapgen.__file__)"
    where = Path(project.run("python", "-c", program).stdout.strip())
    assert where.is_relative_to(outside.programs.parent)
    assert not (where.parent / "payments").exists()
    (requirement,) = [
        line
        for line in (project.folder / "requirements.txt").read_text().splitlines()
        if line.startswith("tapgen")
    ]
    assert requirement == f"tapgen[local] == {__version__}"


def test_the_empty_platform_renders_and_is_sound(outside: Outside) -> None:
    outside.tapgen("init", "bare", *ACCOUNTS)
    assert len(outside.json("render", "--project", "bare")["changes"]) == 4
    assert outside.json("lint", "--project", "bare")["findings"] == []


def test_it_renders_is_sound_and_passes_its_own_tests(project: Outside) -> None:
    assert len(project.json("render")["changes"]) == 4 * len(LAYERS)
    assert project.json("render", "--check")["changes"] == []
    assert project.json("lint")["findings"] == []
    told = project.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider").stdout
    assert " passed in " in told


def test_it_is_deployed_and_as_declared(project: Outside) -> None:
    assert project.outcomes("deploy", "dev", "--local") == dict.fromkeys(LAYERS, "Created")
    checks = project.json("verify", "dev", "--local")["checks"]
    assert [one for one in checks if one["ok"] is False] == []
    live = {one["property"]: one["ok"] for one in checks if one["layer"] == "live API"}
    assert live == {"words": True, "database": None}  # there is no PostgreSQL here


def test_a_change_is_predicted_planned_and_deployed(project: Outside) -> None:
    who = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    for words in (("init", "-q"), ("add", "."), (*who, "commit", "-q", "-m", "first")):
        subprocess.run(["git", *words], cwd=project.folder, check=True, timeout=60)
    dev = project.folder / "envs" / "dev.yaml"
    dev.write_text(dev.read_text().replace("storage_gb: 20", "storage_gb: 30"))
    predicted = project.tapgen("diff", "dev", "--against", "HEAD")
    assert "AllocatedStorage" in predicted
    planned = project.tapgen("plan", "dev", "--local")
    assert "AllocatedStorage" in planned
    ended = project.outcomes("deploy", "dev", "--local")
    assert ended == {**dict.fromkeys(LAYERS, "Unchanged"), "database": "Updated"}
    dev.write_text(dev.read_text().replace("storage_gb: 30", "storage_gb: 20"))
    refused = project.run("tapgen", "deploy", "dev", "--local", "--yes", code=4)
    assert "RDS cannot reduce it" in refused.stderr  # its own guard
    dev.write_text(dev.read_text().replace("storage_gb: 20", "storage_gb: 30"))


def test_it_has_not_drifted_and_environments_are_the_same(project: Outside) -> None:
    assert "dev has not drifted." in project.run("tapgen", "drift", "dev", "--local").stderr
    project.tapgen("parity", "--declared")
    project.tapgen("promote", "--from", "dev", "--to", "staging", "--local", "--yes")
    project.tapgen("parity", "dev", "staging", "--local")


def test_its_permissions_name_its_resources(project: Outside) -> None:
    policies = json.dumps(project.json("iam-policy", "dev"))
    for name in ("rds:CreateDBInstance", "arn:aws:rds:us-east-1:111111111111:db:worker-dev-*"):
        assert name in policies


def test_it_goes_again(project: Outside) -> None:
    ended = project.outcomes("destroy", "dev", "--local", "--purge-data")
    assert ended == dict.fromkeys(LAYERS, "Deleted")


def test_nothing_of_payments_is_named_in_it(project: Outside) -> None:
    texts = [
        path.read_text() for path in project.folder.rglob("*") if path.suffix in {".py", ".toml"}
    ]
    assert texts
    assert not [text for text in texts if "payments" in text]
