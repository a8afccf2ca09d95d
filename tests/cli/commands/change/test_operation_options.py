"""--express, --role-arn, --notification-arn and --rollout, over what the settings say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tapgen.deploy.run.step import Choices
from tapgen.errors import UsageError
from tapgen.operations.deployment import How, fleet_of
from tapgen.payments.platform import PLATFORM
from tapgen.project import Project

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


def test_express_mode_is_refused_where_protected(project: Path, tapgen: Run) -> None:
    for command in ("plan", "deploy"):
        ran = tapgen(command, "--env", "prod", "--express")
        assert ran.code == 4
        assert "express mode is not for prod, which is protected" in ran.err


def test_options_of_the_command_line_win(project: Path) -> None:
    dev = project / "envs" / "dev.yaml"
    role = "arn:aws:iam::123456789012:role/from-settings"
    dev.write_text(f"{dev.read_text()}\ndeployment:\n  role_arn: {role}\n")
    settings = Project(envs=project / "envs").target("dev").options
    assert (settings.role_arn, settings.express) == (role, False)
    given = Project(
        envs=project / "envs", express=True, role_arn="other", notification_arns=("topic",)
    )
    options = given.target("dev").options
    assert (options.role_arn, options.express) == ("other", True)
    assert options.notification_arns == ("topic",)


def test_a_run_has_its_own_way_of_rolling_out(project: Path) -> None:
    given = Project(envs=project / "envs", rollout="linear-10-3").target("prod")
    assert given.stacks["compute"].parameters["Rollout"] == "linear-10-3"
    assert given.options.rollout == "linear-10-3"
    settings = Project(envs=project / "envs").target("prod")
    assert settings.stacks["compute"].parameters["Rollout"] == "canary-10-5"


def test_what_a_run_says_of_its_operations_is_said_again_by_what_repeats_it(
    project: Path,
) -> None:
    given = Project(envs=project / "envs", rollout="all-at-once", role_arn="role")
    how = How(Choices(layers=("data",)))
    fleet = fleet_of(given, ["dev"], ["data"], how, {})
    assert fleet.options == ("--layer data", "--role-arn role", "--rollout all-at-once")
    (deployment,) = fleet.deployments.values()
    choices = deployment.choices
    assert choices.with_layers(deployment.run.target, ["network"]) == (
        *("--layer network", "--layer data"),
        *("--role-arn role", "--rollout all-at-once"),
    )


def test_a_plan_says_by_itself_how_it_rolls_out(project: Path) -> None:
    settings = Project(envs=project / "envs")
    assert settings.as_planned(None) is settings
    assert settings.as_planned("all-at-once").rollout == "all-at-once"
    given = replace(settings, rollout="linear-10-3")
    assert given.as_planned("all-at-once") is given


def test_a_way_that_there_is_not_is_refused_with_those_that_there_are(
    project: Path, tapgen: Run
) -> None:
    ran = tapgen("plan", "--env", "dev", "--rollout", "canary")
    assert ran.code == 2
    assert "--rollout canary: the platform payments has no such way" in ran.err
    assert "functions.rollout takes all-at-once, canary-10-15, canary-10-5" in ran.err


def test_a_platform_without_ways_has_no_such_option(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = Project(envs=project / "envs", rollout="all-at-once")
    monkeypatch.setitem(vars(none), "platform", replace(PLATFORM, rollout=""))
    with pytest.raises(UsageError, match="has no such way") as caught:
        none.target("dev")
    assert "names no setting as its `rollout`" in str(caught.value.hint)
