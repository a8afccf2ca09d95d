"""Streams that are closed, full or not read any longer, each with a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tapgen.cli.streams import stand_in_for_closed

TAPGEN = f"{sys.executable} -m tapgen"
FULL = "/dev/full"

pytestmark = pytest.mark.slow


def shell(project: Path, line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line.replace("tapgen", TAPGEN, 1)],
        cwd=project,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("line", ["env list >&-", "env list 2>&-", "env list <&-", "graph <&- >&-"])
def test_a_closed_stream_is_like_dev_null(project: Path, line: str) -> None:
    ran = shell(project, f"tapgen {line}")
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("command", ["env list", "env schema", "--help", "completion bash"])
def test_what_cannot_be_written_is_an_error(project: Path, command: str) -> None:
    if not Path(FULL).exists():
        pytest.skip(f"this system has no {FULL}")
    ran = shell(project, f"tapgen {command} > {FULL}")
    assert ran.returncode == 1
    (error, way_out) = ran.stderr.splitlines()
    assert error.startswith("error: cannot write ")
    assert error.endswith(": No space left on device")
    assert way_out.startswith("next: ")


def test_nothing_is_called_done_where_the_talk_cannot_be_written(project: Path) -> None:
    if not Path(FULL).exists():
        pytest.skip(f"this system has no {FULL}")
    assert shell(project, f"tapgen render 2>{FULL}").returncode == 1


@pytest.mark.parametrize("command", ["parity --declared", "env diff dev prod --exit-code"])
def test_a_check_whose_reader_goes_away_is_no_success(project: Path, command: str) -> None:
    assert shell(project, f"tapgen {command} | true").returncode in {3, 141}


@pytest.mark.parametrize("closed", [True, False])
def test_a_stand_in_has_the_number_of_the_stream(
    monkeypatch: pytest.MonkeyPatch, closed: bool
) -> None:
    """Also where something else has taken that number."""
    kept = os.dup(0)
    if closed:
        os.close(0)
    try:
        monkeypatch.setattr("sys.stdin", None)
        stand_in_for_closed()
        with sys.stdin as stand_in:
            assert (stand_in.fileno(), stand_in.read()) == (0, "")
    finally:
        os.dup2(kept, 0)
        os.close(kept)
