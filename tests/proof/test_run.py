"""The whole program against the local AWS: what it does, and that nothing of it stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ProfileNotFound

from tests.behaviour.ledger import Entry
from tests.behaviour.run import VARIABLE, Run
from tests.paths import ROOT
from tests.proof.__main__ import DIFFERS, DONE, FAILED, INTERRUPTED, end, main
from tests.proof.journey import steps
from tests.waiting import PATIENCE_SECONDS, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proof.conftest import Stage

COMMAND = [sys.executable, "-m", "tests.proof"]


def left(stage: Stage) -> dict[str, list[str]]:
    """What is in the account; keys stay for the days that KMS asks for."""
    aws = stage.begin().aws()
    stacks = aws.client("cloudformation").list_stacks()["StackSummaries"]
    return {
        "stacks": [s["StackName"] for s in stacks if s["StackStatus"] != "DELETE_COMPLETE"],
        "roles": [role["RoleName"] for role in aws.client("iam").list_roles()["Roles"]],
        "policies": [
            policy["PolicyName"]
            for policy in aws.client("iam").list_policies(Scope="Local")["Policies"]
        ],
        "tables": aws.client("dynamodb").list_tables()["TableNames"],
        "buckets": [bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]],
        "queues": aws.client("sqs").list_queues().get("QueueUrls", []),
    }


@pytest.mark.slow
def test_dev_is_deployed_verified_updated_looked_at_and_destroyed_by_the_deployer(
    stage: Stage,
) -> None:
    done = subprocess.run(
        [*COMMAND, "--account", stage.account, "--part", "journey", "--yes"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == DONE, done.stdout + done.stderr
    run = next(run for run in runs(stage) if run.account == stage.account)
    taken = {step.name: step.code for step in steps(run)}
    assert taken == dict.fromkeys(("deploy", "verify", "update", "drift", "destroy"), 0)
    assert not (run.directory / "credentials").exists()
    assert run.left() == []
    assert not any(left(stage).values()), left(stage)


def runs(stage: Stage) -> list[Run]:
    return [Run.read(path.parent) for path in stage.runs.glob("*/run.json")]


@pytest.mark.slow
def test_an_interrupted_deployment_is_removed(stage: Stage, tmp_path: Path) -> None:
    told = tmp_path / "told"
    with (
        told.open("w") as file,
        subprocess.Popen(
            [*COMMAND, "--account", stage.account, "--part", "journey", "--yes"],
            cwd=ROOT,
            stdout=file,
            stderr=subprocess.STDOUT,
        ) as child,
    ):
        wait_until(lambda: "create started" in told.read_text() or child.poll(), told.read_text())
        child.send_signal(signal.SIGTERM)
        code = child.wait(PATIENCE_SECONDS)
    assert code == INTERRUPTED, told.read_text()
    assert "interrupted: what was made is removed now" in told.read_text()
    assert "deploy: ended with" not in told.read_text()
    assert not any(left(stage).values()), left(stage)


def test_what_a_killed_run_has_left_is_removed_by_the_next(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    killed = stage.begin()
    aws = killed.aws("gw0")
    made: dict[str, Any] = {"QueueName": aws.making("queue", aws.name("queue"))}
    aws.client("sqs").create_queue(**made)
    aws.making("queue", aws.name("never-made"))
    assert [run.prefix for run in Run.unfinished(stage.runs, stage.account)] == [killed.prefix]
    assert main(["--account", stage.account, "--part", "clean"]) == DONE
    assert "nothing is left" in capsys.readouterr().out
    assert left(stage)["queues"] == []
    assert Run.unfinished(stage.runs, stage.account) == []


def test_a_process_of_the_run_has_its_credentials_and_asks_nobody(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = stage.begin()
    run = Run(begun.directory, stage.account, "us-east-1", profile="with-a-second-factor")
    with pytest.raises(ProfileNotFound):
        run.credentials()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv(VARIABLE, str(begun.directory))
    assert run.credentials() == {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}


@pytest.mark.parametrize(
    ("result", "problems", "code"),
    [
        ("as told", [], DONE),
        ("not asked", [], DONE),
        ("differs", [], DIFFERS),
        ("broke off", [], FAILED),
        ("differs", ["deploy ended with 1"], FAILED),
        ("differs", ["it was interrupted"], INTERRUPTED),
    ],
)
def test_the_exit_code_says_what_came_of_it(
    stage: Stage, result: str, problems: list[str], code: int
) -> None:
    run = stage.begin()
    fact = {"fact": "a fact", "test": "t", "origin": "o", "detail": "", "here": "", "seconds": 1.0}
    run.note({**fact, "result": result})
    assert end(run, problems, interrupted=code == INTERRUPTED) == code


def test_what_is_left_is_a_failure(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    run = stage.begin()
    run.ledger().add(Entry("queue", "resists", "us-east-1"))
    assert end(run, [], interrupted=False) == FAILED
    assert "queue resists in us-east-1" in capsys.readouterr().out


def test_runs_of_other_accounts_are_left_alone(stage: Stage) -> None:
    run = stage.begin()
    run.ledger().add(Entry("queue", "theirs", "us-east-1"))
    assert Run.unfinished(stage.runs, "999999999999") == []
    assert os.fspath(run.directory) in {os.fspath(one.directory) for one in runs(stage)}
