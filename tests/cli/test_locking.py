"""Two commands on one environment: the second stops with exit code 4."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tapgen.deploy.target.lock import holder, locked, machine
from tapgen.deploy.target.run import Run
from tapgen.project import Project
from tests.conftest import aws_client

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.deploy.target.target import Target
    from tapgen.local.client import LocalAws
    from tests.cli.conftest import Run as Tapgen


@pytest.fixture
def target(local_tapgen: Tapgen, project: Path) -> Target:
    return Project(envs=project / "envs", local=True).target("dev")


@pytest.mark.slow
def test_whoever_comes_second_stops_and_looking_is_never_stopped(
    local_tapgen: Tapgen, target: Target
) -> None:
    with locked(Run.on(target), "deploy"):
        for command in (("deploy", "--yes"), ("destroy", "--yes"), ("plan",)):
            ran = local_tapgen(*command)
            assert ran.code == 4, ran
            assert "error: `deploy` by " in ran.err
            assert "is at work on dev\nnext: `tapgen watch --env dev" in ran.err
        assert local_tapgen("status").code == 0
        assert "no layer of dev is deployed" in local_tapgen("outputs").err


@pytest.mark.slow
def test_a_run_that_was_killed_is_taken_over_with_a_note(
    local_tapgen: Tapgen, target: Target, local_aws: LocalAws
) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    ssm = aws_client(local_aws, "ssm", target.account.account_id, target.home_region)
    who = {"command": "deploy", "user": "ann", "machine": machine(), "pid": process.pid}
    ssm.put_parameter(Name="/tapgen/payments-dev/lock", Type="String", Value=json.dumps(who))
    ran = local_tapgen("plan", "--layer", "network")
    assert ran.code == 0, ran
    assert "note: taking over from `deploy` by ann@? " in ran.err
    # What the dead run may have left unfinished is kept for the next deployment, without a holder.
    (kept,) = ssm.get_parameters(Names=["/tapgen/payments-dev/lock"])["Parameters"]
    left = json.loads(kept["Value"])
    assert (left["over"], left["unfinished"]) == (True, sorted(target.stacks))
    assert holder(target) is None
    again = local_tapgen("plan", "--layer", "network")
    assert (again.code, "taking over" in again.err) == (0, False)
