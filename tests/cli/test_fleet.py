"""`tapgen deploy` and `tapgen plan` of several environments."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from click import unstyle

from tapgen.deploy.observe import inspection
from tapgen.deploy.target.lock import machine
from tapgen.errors import TapgenError
from tests.conftest import aws_client
from tests.environment_files import set_apart
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tapgen.deploy.target.target import Target
    from tapgen.local.client import LocalAws
    from tests.cli.conftest import Run

NAMES = ("dev", "staging", "prod")
ZONE = ("--layer", "zone")
TWO = ("--env", "dev", "--env", "staging")


def path_of(project: Path, name: str) -> Path:
    return project / "envs" / f"{name}.yaml"


def account(project: Path, name: str) -> str:
    found = re.search(r'^account_id: "(\d+)"', path_of(project, name).read_text(), re.MULTILINE)
    assert found
    return found[1]


@pytest.fixture
def local(project: Path, local_aws: LocalAws, tapgen: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The shipped environments, in accounts of their own."""
    for name in NAMES:
        set_apart(path_of(project, name), 8)
    monkeypatch.chdir(local_aws.directory.parents[1])
    options = ("--local", "--envs-dir", str(project / "envs"))
    return lambda command, *more: tapgen(command, *more, *options)


def statuses(project: Path, local_aws: LocalAws, name: str) -> list[str]:
    client = aws_client(local_aws, "cloudformation", account(project, name), "us-east-1")
    return [stack["StackStatus"] for stack in client.describe_stacks()["Stacks"]]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            ("deploy", "--all", "dev"),
            "--all cannot be used together with names of environments (dev)",
        ),
        (("plan", *TWO, "--out", "plan.json"), "--out is for one environment"),
        (("plan", *TWO, "--discard", "file"), "--discard is for one environment"),
        (("deploy", *TWO, "--plan", "file"), "--plan is for one environment"),
        (("deploy", "--env", "dev", "--env", "nope"), "nope"),
        (("deploy",), "no environment is named"),
        (("deploy", "--all", "--express"), "express mode is not allowed in staging, prod"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    project: Path, tapgen: Run, command: tuple[str, ...], said: str
) -> None:
    (project / "file").write_text("{}")
    ran = tapgen(*command)
    assert ran.code in {2, 4}
    assert said in ran.err


def test_all_of_none_is_an_error(project: Path, tapgen: Run) -> None:
    for name in NAMES:
        (project / "envs" / f"{name}.yaml").unlink()
    ran = tapgen("deploy", "--all")
    assert ran.code == 2
    assert ran.err.startswith("error: there is no environment in envs\n")


@pytest.mark.slow
def test_all_of_them_are_planned_asked_about_and_deployed(
    local: Run, project: Path, local_aws: LocalAws, terminal: Any
) -> None:
    planned = local("plan", "--all", *ZONE, "--exit-code")
    assert planned.code == 3
    assert "3 of 3 environments would change" in planned.out
    record = json.loads(local("plan", "--all", *ZONE, "--format", "json").out)
    assert tuple(record["environments"]) == NAMES
    assert statuses(project, local_aws, "dev") == []

    nobody = local("deploy", *TWO, *ZONE)
    assert nobody.code == 2
    assert "there is no terminal to ask on" in nobody.err
    assert statuses(project, local_aws, "dev") == []

    terminal.type("staging\nstaging prod\n")
    with terminal.attached():
        assert local("deploy", "--all", *ZONE, "--quiet").code == 1
        said = terminal.shown()
        assert "Deploy this to dev, staging, prod? Type 'staging prod' to continue" in said
        assert "Nothing was changed." in said
        assert statuses(project, local_aws, "dev") == []
        assert local("deploy", "--all", *ZONE).code == 0
    lines = [unstyle(line).split() for line in terminal.shown().splitlines()]
    assert any(line[:5] == ["dev,", "staging,", "prod", "zone", "created"] for line in lines)
    assert all(statuses(project, local_aws, name) == ["CREATE_COMPLETE"] for name in NAMES)

    seen = local("status", "--all", *ZONE)
    assert seen.code == 0
    assert [line.split()[:3] for line in seen.out.splitlines()[1:]] == [
        [name, "1", "CREATE_COMPLETE"] for name in NAMES
    ]

    again = local("deploy", "--all", *ZONE)  # nothing to confirm
    assert again.code == 0
    assert again.err.splitlines()[-1] == "3 environments: nothing to do, all stacks are as declared"
    ran = local("deploy", "--all", *ZONE, "--format", "json")
    end = json.loads(ran.out.splitlines()[-1])
    kinds = {name: each["zone"]["kind"] for name, each in end["environments"].items()}
    assert kinds == dict.fromkeys(NAMES, "Unchanged")
    assert local("plan", "--all", *ZONE, "--exit-code").code == 0


@pytest.mark.slow
def test_what_cannot_be_looked_at_hides_none_of_the_others(
    local: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = inspection.look
    lost = {"staging"}

    def partly(target: Target, layers: Iterable[str]) -> inspection.Seen:
        if target.environment in lost:
            raise TapgenError("ExpiredToken", "Sign in again.")
        return look(target, layers)

    monkeypatch.setattr(inspection, "look", partly)
    ran = local("status", *TWO, *ZONE)
    assert ran.code == 1
    assert [line.split()[:2] for line in ran.out.splitlines()[1:]] == [["dev", "1"]]
    assert ran.err == "error: staging: ExpiredToken\nnext: Sign in again.\n"
    record = json.loads(local("status", *TWO, *ZONE, "--format", "json").out)
    assert list(record["environments"]) == ["dev"]
    lost.add("dev")
    ran = local("status", *TWO, *ZONE)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("error: 2 environments cannot continue:\n  dev: ExpiredToken\n")


@pytest.mark.slow
def test_one_that_fails_does_not_stop_the_others(
    local: Run, project: Path, faults: Callable[[dict[str, Any]], None]
) -> None:
    dev = project / "envs" / "dev.yaml"
    without = [line for line in dev.read_text().splitlines() if not line.startswith("domain:")]
    dev.write_text("\n".join(without) + "\n")
    faults({"create:HostedZone": "no"})
    ran = local("deploy", *TWO, *ZONE, "--layer", "data", "--yes")
    assert ran.code == 1
    lines = [line.split() for line in ran.err.splitlines()]
    assert [line[:3] for line in lines if line[:1] == ["dev"]] == [["dev", "data", "created"]]
    assert any(line[:4] == ["staging", "zone", "failed,", "data"] for line in lines)
    assert lines[-5][:4] == ["staging", "zone", "failed", "after"]
    lacking = local("deploy", *TWO, *ZONE, "--layer", "dns", "--yes")
    assert lacking.code == 2
    assert "dev has no layer zone or dns" in lacking.err


@pytest.mark.slow
def test_a_run_that_was_killed_is_taken_over_with_a_note(
    local: Run, project: Path, local_aws: LocalAws
) -> None:
    dead = {"command": "deploy", "machine": machine(), "pid": 2**22 + 1}  # above Linux's largest
    ssm = aws_client(local_aws, "ssm", account(project, "staging"), "us-east-1")
    ssm.put_parameter(Name="/tapgen/payments-staging/lock", Type="String", Value=json.dumps(dead))
    ran = local("plan", *TWO, *ZONE)
    assert ran.code == 0
    assert "note: staging: taking over from `deploy`" in ran.err


@pytest.mark.slow
def test_staging_and_prod_are_not_changed_in_one_go(local: Run, project: Path) -> None:
    prod = project / "envs" / "prod.yaml"
    prod.write_text(f"{prod.read_text()}\ndeployment:\n  promoted_from: staging\n")
    refused = local("deploy", "--all", *ZONE, "--yes")
    assert refused.code == 4
    assert "prod is promoted from staging, which would be changed first" in refused.err
    assert "`tapgen deploy --env dev --env staging --layer zone --envs-dir" in refused.err
    assert local("deploy", *TWO, *ZONE, "--yes", "--quiet").code == 0
    promoted = local("deploy", "--all", *ZONE, "--yes")
    assert promoted.code == 0
    assert promoted.err.splitlines()[-1].endswith(" s: 1 deployed, 2 unchanged, releases prod 1")


@pytest.mark.slow
def test_ctrl_c_at_a_terminal_is_for_all_of_them(  # noqa: PLR0913, PLR0917 - fixtures
    local: Run,
    project: Path,
    local_aws: LocalAws,
    terminal: Any,
    faults: Callable[[dict[str, Any]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    faults({"hold": ["create:HostedZone"]})
    seen: list[str] = []

    def said(text: str) -> bool:
        seen.append(terminal.shown())
        return re.search(text, "".join(seen)) is not None

    def all_are(status: str) -> bool:
        return all(statuses(project, local_aws, name) == [status] for name in ("dev", "staging"))

    def press() -> None:
        wait_until(lambda: all_are("CREATE_IN_PROGRESS"))
        for name in ("dev", "staging"):  # each is watched
            wait_until(partial(said, rf"{name} [^\n]*HostedZone"))
        os.kill(os.getpid(), signal.SIGINT)
        wait_until(lambda: said("nothing new is started. Watching to its end: dev zone, staging"))
        faults({})

    pressing = Thread(target=press)
    pressing.start()
    with terminal.attached():
        ran = local("deploy", *TWO, *ZONE, "--yes")
    pressing.join()
    assert ran.code == 130
    assert all(
        statuses(project, local_aws, name) == ["CREATE_COMPLETE"] for name in ("dev", "staging")
    )
