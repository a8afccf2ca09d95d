from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def running(project: Path, local_aws: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The local AWS of all tests, run from the folder it belongs to."""
    monkeypatch.chdir(local_aws.directory.parents[1])
    return local_aws


def test_it_is_told_when_nothing_runs(project: Path, tapgen: Any) -> None:
    said = "the local AWS is not running; `tapgen local start` starts it\n"
    assert tapgen("local", "status") == (3, said, "")
    ran = tapgen("local", "status", "--format", "json")
    assert (ran.code, json.loads(ran.out)) == (3, {"version": 1, "running": False})
    assert tapgen("local", "stop") == (0, "the local AWS was not running\n", "")


@pytest.mark.slow
def test_starting_twice_finds_the_one_that_runs(running: Any, tapgen: Any) -> None:
    said = f"local AWS at {running.endpoint_url} (process {running.pid})\n"
    assert tapgen("local", "start") == (0, said, "")
    assert tapgen("local", "status") == (0, said, "")
    assert json.loads(tapgen("local", "status", "--format", "json").out) == {
        "version": 1,
        "running": True,
        "endpoint_url": running.endpoint_url,
        "pid": running.pid,
        "enforces_iam": False,
    }


@pytest.mark.slow
def test_another_port_than_that_of_the_running_one_is_an_error(running: Any, tapgen: Any) -> None:
    ran = tapgen("local", "start", "--port", str(running.port - 1))
    assert ran.code == 1
    assert "tapgen local stop" in ran.err


@pytest.mark.slow
def test_env_prints_lines_for_a_shell(project: Path, running: Any, tapgen: Any) -> None:
    ran = tapgen("local", "env", "--env", "dev", "--envs-dir", str(project / "envs"))
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert f"export AWS_ENDPOINT_URL={running.endpoint_url}" in lines
    assert "export AWS_ACCESS_KEY_ID=111111111111" in lines
    assert "export AWS_SESSION_TOKEN=''" in lines


@pytest.mark.slow
def test_start_and_stop(project: Path, tapgen: Any) -> None:
    started = tapgen("local", "start", "--enforce-iam")
    try:
        assert started.code == 0
        assert started.out.endswith(", enforces IAM)\n")
        assert tapgen("local", "status").out == started.out
    finally:
        stopped = tapgen("local", "stop")
    assert stopped == (0, "stopped\n", "")
    assert tapgen("local", "status").code == 3
