"""`tapgen bootstrap` as it is typed; tests/operations has what it makes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tapgen.cli.views.accounts import baseline as view
from tapgen.deploy.bootstrap.check import Checked, Verdict
from tapgen.local.client import LocalAws
from tapgen.model.plan import Blocked, Plan
from tapgen.model.stack import Stack
from tapgen.operations import accounts
from tapgen.operations.deployment import Deployed, Planned

ROLE = "deployment.role_arn"
LEDGER = "deployment.ledger"
slow = pytest.mark.slow


@pytest.fixture
def configured(local_aws: LocalAws) -> Iterator[Path]:
    """The configuration beside the local AWS, which is the project's folder for these tests."""
    path: Path = local_aws.directory.parents[1] / "tapgen.toml"
    path.write_text('[bootstrap]\nrepository = "acme/payments"\n')
    yield path
    path.unlink()


@slow
def test_it_asks_makes_and_says_what_the_settings_should_say(
    configured: Path, local_tapgen: Any
) -> None:
    ran = local_tapgen("bootstrap", "--check")
    assert ran.code == 3
    assert "missing   there is no stack tapgen-payments-dev-bootstrap" in ran.out
    assert "next: `tapgen bootstrap --env dev" in ran.err
    dry = local_tapgen("bootstrap", "--dry-run", "--format", "json")
    assert dry.code == 0
    (planned,) = json.loads(dry.out)["environments"].values()
    assert "bootstrap" in json.dumps(planned)
    made = local_tapgen("bootstrap", "--yes")
    assert made.code == 0
    assert "LedgerBucketName" in made.out
    assert f"next: add these to the settings of dev:\n  {ROLE}: arn:aws:iam::" in made.err
    looked = local_tapgen("bootstrap", "--check", "--format", "json")
    found = json.loads(looked.out)["environments"]["dev"]
    assert (looked.code, found["baseline"], found["reasons"]) == (3, "current", [])
    assert found["settings"].keys() == {ROLE, "deployment.permission_boundary", LEDGER}
    assert found["settings"][LEDGER] == found["outputs"]["LedgerBucketName"]
    assert found["outputs"]["BoundaryName"] == "tapgen-payments-dev-boundary"


@slow
def test_nothing_is_left_to_do_where_the_settings_say_so(
    configured: Path, local_tapgen: Any, project: Path
) -> None:
    ran = local_tapgen("bootstrap", "--yes", "--format", "json")
    outputs = json.loads(ran.out.splitlines()[-1])["environments"]["dev"]["bootstrap"]["outputs"]
    dev = project / "envs" / "dev.yaml"
    dev.write_text(
        f"{dev.read_text()}\ndeployment:\n  role_arn: {outputs['CloudFormationRoleArn']}\n"
        f"  permission_boundary: {outputs['BoundaryName']}\n"
        f"  ledger: {outputs['LedgerBucketName']}\n"
    )
    looked = local_tapgen("bootstrap", "--check")
    assert (looked.code, looked.err) == (0, "")
    assert [line.split() for line in looked.out.splitlines()] == [
        ["environment", "baseline", "what"],
        ["dev", "current", "-"],
    ]
    again = local_tapgen("bootstrap", "--yes")
    assert again.code == 0
    assert "next: let the settings" not in again.err


@slow
def test_the_template_and_the_values_that_go_with_it(
    configured: Path, local_tapgen: Any, tapgen: Any, project: Path
) -> None:
    envs = ("--envs-dir", str(project / "envs"))
    ran = tapgen("bootstrap", "--format", "template", *envs)
    assert (ran.code, ran.err) == (0, "")
    parameters = json.loads(ran.out)["Parameters"]
    given = tapgen("bootstrap", "prod", "--format", "parameters", *envs)
    values = {one["ParameterKey"]: one["ParameterValue"] for one in json.loads(given.out)}
    assert values.keys() == parameters.keys()
    assert (values["EnvironmentName"], values["Repository"]) == ("prod", "acme/payments")
    several = tapgen("bootstrap", "dev", "prod", "--format", "parameters", *envs)
    assert (several.code, several.out) == (2, "")
    assert "works on one environment, but 2 (" in several.err


def test_what_excludes_each_other_is_wrong_usage(project: Path, tapgen: Any) -> None:
    ran = tapgen("bootstrap", "dev", "--check", "--dry-run")
    assert ran.code == 2
    assert "--check cannot be used with --dry-run" in ran.err


def test_it_is_made_for_nobody_that_was_not_named(project: Path, tapgen: Any) -> None:
    assert "no environment is named" in tapgen("bootstrap", "--yes").err


def test_without_a_repository_it_says_where_that_stands(project: Path, tapgen: Any) -> None:
    ran = tapgen("bootstrap", "--format", "template")
    assert ran.code == 1
    assert "does not say which repository's CI may deploy it" in ran.err


def test_guards_that_may_be_let_pass_are_the_engines_alone(project: Path, tapgen: Any) -> None:
    told = tapgen("bootstrap", "--help").out
    assert "--allow-unprotect" in told
    assert "--allow-api-update" not in told


def test_reasons_of_one_environment_stand_below_each_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = {
        "dev": Checked(Verdict.OLD, ("one", "two")),
        "prod": Checked(Verdict.CURRENT, settings={ROLE: "arn"}),
    }
    view.show_checked(found, "text", " --local")
    told = capsys.readouterr()
    assert [line.split(maxsplit=2) for line in told.out.splitlines()[1:]] == [
        ["dev", "old", "one"],
        ["two"],
        ["prod", "current", f"{ROLE} should be arn"],
    ]
    assert told.err == "next: `tapgen bootstrap --env dev --local`, as an administrator\n"


def test_a_plan_names_it_where_the_role_of_the_settings_is_not_there(
    local_tapgen: Any, project: Path
) -> None:
    dev = project / "envs" / "dev.yaml"
    account = dev.read_text().partition('account_id: "')[2][:12]
    role = f"arn:aws:iam::{account}:role/tapgen-payments-dev-cloudformation"
    dev.write_text(f"{dev.read_text()}\ndeployment:\n  role_arn: {role}\n")
    ran = local_tapgen("plan", "--layer", "network")
    assert ran.code == 1
    assert f"Role {role} is invalid or cannot be assumed" in ran.err
    assert f"`tapgen bootstrap --env NAME --envs-dir {project / 'envs'}` creates it" in ran.err


def test_what_a_run_would_not_do_ends_a_dry_run(
    project: Path, tapgen: Any, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = Blocked(stack, "UPDATE_ROLLBACK_FAILED", "it is stuck", "Recover it.")
    made = Planned({"dev": Plan("dev", {"data": blocked})})
    monkeypatch.setattr(accounts, "plan_bootstrap", lambda *_, **__: made)
    ran = tapgen("bootstrap", "dev", "--dry-run")
    assert ran.code == 1
    assert "it is stuck" in ran.err


def test_nothing_is_advised_where_nothing_was_made(
    project: Path, tapgen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "bootstrap", lambda *_, **__: Deployed({}, agreed=False))
    ran = tapgen("bootstrap", "dev", "--yes")
    assert (ran.code, ran.err) == (1, "Nothing was changed.\n")
