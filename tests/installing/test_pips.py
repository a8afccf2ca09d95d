"""A lock file gives the same with an old pip and a recent one, whatever was published since.

`extra.lock` locks two projects that are made here: `needing` asks for an extra of `newer`, of which
there is a newer release than the locked one. Nothing of it is asked from an index.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from zipfile import ZipFile, ZipInfo

import pytest

from tests.browser.chromium import required
from tests.installing.commands import variables
from tests.paths import ROOT

pytestmark = pytest.mark.slow

LOCK: Final = Path(__file__).with_name("extra.lock")
MAKE: Final = variables((ROOT / "Makefile").read_text())
PIPS: Final = MAKE["PIPS"].split()
# name, version, what it asks for
RELEASES: Final = (
    ("needing", "1.0", "newer[more]>=1"),
    ("newer", "1.0", ""),
    ("newer", "2.0", ""),
)


def made(folder: Path, name: str, version: str, asks_for: str) -> None:
    """A wheel that has the same bytes whoever makes it, wherever and whenever."""
    metadata = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    metadata += [f"Requires-Dist: {asks_for}"] if asks_for else ["Provides-Extra: more"]
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": "",
        f"{info}/METADATA": "\n".join([*metadata, ""]),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
    with ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for file, text in files.items():
            wheel.writestr(ZipInfo(file), text)


class Tried:
    """One of the pips, and a new environment that it installs into."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self._program = ROOT / MAKE["TOOLS"] / name / "bin" / "python"
        if not self._program.exists():
            (pytest.fail if required() else pytest.skip)(f"{name} is missing: `make pips`")
        self._environment = folder / "environment"
        self._wheels = folder / "wheels"
        self._wheels.mkdir()
        for release in RELEASES:
            made(self._wheels, *release)
        venv = [sys.executable, "-m", "venv", "--without-pip", str(self._environment)]
        subprocess.run(venv, check=True, timeout=600)

    def pip(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        python = self._environment / "bin" / "python"
        return subprocess.run(
            [self._program, "-m", "pip", "--isolated", "--python", python, *arguments],
            env={**os.environ, "PIP_CONFIG_FILE": os.devnull},
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )

    def install(self, lock: Path, options: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Install with the options that the Makefile gives, from the folder of wheels."""
        here = ("--no-index", "--find-links", str(self._wheels))
        return self.pip("install", *here, *options, "--requirement", str(lock))

    def installed(self) -> set[str]:
        return set(self.pip("list", "--format", "freeze").stdout.split())


@pytest.fixture(params=PIPS)
def tried(request: pytest.FixtureRequest, tmp_path: Path) -> Tried:
    return Tried(request.param, tmp_path)


AS_LOCKED: Final = tuple(shlex.split(MAKE["AS_LOCKED"]))
RESOLVED: Final = tuple(option for option in AS_LOCKED if option != "--no-deps")


def test_a_lock_is_installed_whatever_is_newer(tried: Tried) -> None:
    asked = (ROOT / ".ci" / f"{tried.name}.lock").read_text()
    (version,) = re.findall(r"^pip==(\S+)", asked, re.MULTILINE)
    assert tried.pip("--version").stdout.startswith(f"pip {version} ")
    done = tried.install(LOCK, AS_LOCKED)
    assert done.returncode == 0, done.stderr
    assert tried.installed() == {"needing==1.0", "newer==1.0"}
    assert tried.pip("check").returncode == 0


def test_an_old_pip_looks_past_a_lock_that_it_resolves(tried: Tried) -> None:
    """The reason for `--no-deps`: where this does not fail any more, it is not needed."""
    done = tried.install(LOCK, RESOLVED)
    if tried.name == "pip-old":
        assert done.returncode == 1
        assert "newer[more]>=1 from" in done.stderr
        assert "must have their versions pinned" in done.stderr
        assert tried.installed() == set()
    else:
        assert done.returncode == 0, done.stderr
        assert tried.installed() == {"needing==1.0", "newer==1.0"}


def test_a_lock_that_lacks_something_is_found_by_the_check(tried: Tried, tmp_path: Path) -> None:
    """The reason for `pip check`: without dependencies pip installs half of a lock as well."""
    lacking = tmp_path / "lacking.lock"
    needing, newer = re.findall(r"^\S+==.*(?:\n .*)*", LOCK.read_text(), re.MULTILINE)
    assert newer.startswith("newer==")
    lacking.write_text(needing)
    assert tried.install(lacking, AS_LOCKED).returncode == 0
    checked = tried.pip("check")
    assert checked.returncode == 1
    assert "needing 1.0 requires newer, which is not installed" in checked.stdout
