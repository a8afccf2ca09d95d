"""Whether a missing browser is told, and when it is a failure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser import chromium


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    return tmp_path


def program(folder: Path, name: str, script: str = "exit 0") -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def run() -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, chromium.__file__],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


@pytest.mark.parametrize("name", chromium.NAMES)
def test_each_name_is_found(programs: Path, name: str) -> None:
    path = program(programs, name)
    assert chromium.find() == str(path)
    assert (run().returncode, run().stdout) == (0, f"browser: {path}\n")


@pytest.mark.parametrize(("value", "code"), [("true", 1), ("1", 1), ("false", 0), ("", 0)])
def test_a_missing_browser_is_told_and_fails_in_ci(
    programs: Path, monkeypatch: pytest.MonkeyPatch, value: str, code: int
) -> None:
    monkeypatch.setenv("CI", value)
    ran = run()
    assert (ran.returncode, ran.stderr) == (code, f"{chromium.MISSING}\n")


# An `apt-get` that notes how it was called and brings the browser, and programs it comes through.
APT = """echo "$*" >> "$0.calls"
case "$*" in *install*) printf '#!/bin/sh\\n' > "${0%/*}/chromium"
/bin/chmod +x "${0%/*}/chromium" ;; esac"""
ENV = 'while case "$1" in *=*) ;; *) false ;; esac; do shift; done; exec "$@"'


def test_it_is_installed_where_that_can_be_done(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apt = program(programs, "apt-get", APT)
    program(programs, "env", ENV)
    program(programs, "sudo", 'shift; [ "$1" = true ] || exec "$@"')
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    chromium.install()
    assert chromium.find() == str(programs / "chromium")
    update, install = Path(f"{apt}.calls").read_text().splitlines()
    assert update.endswith(" update")
    assert install.endswith(" install --yes --no-install-recommends chromium")


def test_nothing_is_tried_without_the_right_to(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apt = program(programs, "apt-get", APT)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    chromium.install()  # there is no sudo
    program(programs, "sudo", "exit 1")  # it would ask for a password
    chromium.install()
    assert chromium.find() is None
    assert not Path(f"{apt}.calls").exists()
