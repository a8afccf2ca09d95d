"""--express, --role-arn, --notification-arn and --rollout, over what the settings say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tapgen.deploy.run.step import Choices
from tapgen.deploy.target.run import Asked
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
        assert "express mode is not allowed in prod, which is protected" in ran.err


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


def test_what_a_run_was_given_is_given_again_by_what_repeats_it(project: Path) -> None:
    """Each of them decides on what is done, by whom it is allowed, or how it is reached."""
    given = Project(
        envs=project / "envs",
        rollout="all-at-once",
        role_arn="role",
        record=False,
        approval=False,
        reason="PAY-31",
    )
    losses = frozenset({"data.Sessions"})
    choices = Choices(losses, frozenset({"--allow-cost"}), max_concurrency=2, full=True)
    fleet = fleet_of(given, ["dev"], ["data"], How(choices, source_profile="other"), {})
    (deployment,) = fleet.deployments.values()
    planned = (
        *("--layer data", "--full", "--allow-replacement data.Sessions", "--allow-cost"),
        *("--role-arn role", "--rollout all-at-once"),
    )
    recorded = ("--no-record", "--no-approval", "--reason PAY-31")
    beside = ("--max-concurrency 2", "--from-profile other", *recorded)
    assert fleet.asked == Asked("deploy", (*planned, *beside))
    assert deployment.run.state.asked == fleet.asked
    assert (
        f"--max-concurrency 2 --from-profile other {' '.join(recorded)}" in deployment.run.again()
    )
    choices = deployment.choices
    assert choices.planning == Asked("plan", ("--out FILE", *planned))
    allowed = ("--allow-replacement data.Sessions", "--allow-cost")
    assert choices.carrying_out("plan.json") == Asked(
        "deploy", ("--plan plan.json", *allowed, "--from-profile other", *recorded)
    )
    more = choices.with_layers(deployment.run.target, ["network"]).asked
    assert more.options[:3] == ("--layer network", "--layer data", "--full")
    assert replace(choices, source="staging").asked.options[0] == "--from staging"
    assert replace(choices, source="staging").asked.verb == "promote"
    back = replace(choices, release=4)
    assert (back.asked.verb, back.asked.options[0]) == ("rollback", "--to 4")
    assert back.planning == Asked("rollback", ("--out FILE", "--to 4", *planned))


def test_a_plan_is_repeated_for_its_own_layers_and_for_all_without_naming_them(
    project: Path,
) -> None:
    fleet = fleet_of(Project(envs=project / "envs"), ["dev"], (), How(), {})
    (deployment,) = fleet.deployments.values()
    assert deployment.choices.with_layers(deployment.run.target, ["data"]).layers == ()
    deployment.narrow(["data", "network"])
    assert "dev --layer network --layer data" in deployment.run.again()
    assert deployment.graph.keys() == {"network", "data"}
    deployment.narrow(deployment.run.target.stacks)
    assert "--layer" not in deployment.run.again()


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
    assert "--rollout canary: the platform payments has no such value" in ran.err
    assert "functions.rollout accepts all-at-once, canary-10-15, canary-10-5" in ran.err


def test_a_platform_without_ways_has_no_such_option(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = Project(envs=project / "envs", rollout="all-at-once")
    monkeypatch.setitem(vars(none), "platform", replace(PLATFORM, rollout=""))
    with pytest.raises(UsageError, match="has no such value") as caught:
        none.target("dev")
    assert "names no setting as its `rollout`" in str(caught.value.hint)
