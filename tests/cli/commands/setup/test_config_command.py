from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run


@pytest.fixture
def configured(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a configuration; we are in a folder below it."""
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    (project / "tapgen.toml").write_text('stages = ["dev", "prod"]\nprofile = "team-{env}"\n')
    (project / "below").mkdir()
    monkeypatch.chdir(project / "below")
    return project


def test_every_value_is_shown_with_where_it_is_from(configured: Path, tapgen: Run) -> None:
    ran = tapgen("config", "--envs-dir", "../envs")
    assert ran.code == 0
    rows = [line.split() for line in ran.out.splitlines()]
    assert rows == [
        ["key", "value", "from"],
        ["project", str(configured), "../tapgen.toml"],
        ["platform", "tapgen.payments.platform:PLATFORM", "default"],
        ["pythonpath", ".", "default"],
        ["envs", "envs", "--envs-dir"],
        ["templates", "templates_out", "default"],
        ["prices", "prices.csv", "default"],
        ["stages", "dev,", "prod", "../tapgen.toml:1"],
        ["profile", "team-{env}", "../tapgen.toml:2"],
        ["bootstrap.repository", "-", "default"],
        ["bootstrap.issuer", "token.actions.githubusercontent.com", "default"],
        ["bootstrap.audience", "sts.amazonaws.com", "default"],
        ["bootstrap.deploying", "repo:{repository}:environment:{env}", "default"],
        ["bootstrap.reviewing", "repo:{repository}:*", "default"],
        ["bootstrap.approvers", "-", "default"],
        ["bootstrap.ledger_days", "400", "default"],
        ["bootstrap.ledger_mode", "governance", "default"],
    ]


def test_as_json(configured: Path, tapgen: Run) -> None:
    found = json.loads(tapgen("config", "--format", "json").out)["keys"]
    assert found["stages"] == {"value": ["dev", "prod"], "source": "../tapgen.toml:1"}
    assert found["project"]["value"] == str(configured)


def test_commands_work_from_a_folder_below(configured: Path, tapgen: Run) -> None:
    assert tapgen("render").code == 0
    assert (configured / "templates_out" / "prod" / "zone.json").is_file()
    assert tapgen("render", "--check").code == 0
    assert tapgen("env", "show", "--env", "nowhere").err.startswith(
        'error: there is no environment "nowhere" in ../envs'
    )


def test_stages_are_the_projects_own(configured: Path, tapgen: Run) -> None:
    names = [line.split()[0] for line in tapgen("env", "list").out.splitlines()[1:]]
    assert names == ["dev", "prod", "staging"]


@pytest.mark.parametrize("form", [["--project", ".."], ["--project=.."]])
def test_a_project_elsewhere_is_named(
    configured: Path, tapgen: Run, form: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (configured / "tapgen.toml").rename(configured / "pyproject.toml")
    (configured / "pyproject.toml").write_text("")
    ran = tapgen("env", "list", *form)
    assert [line.split()[0] for line in ran.out.splitlines()[1:]] == ["dev", "staging", "prod"]
    ran = tapgen("deploy", *form, "--env", "dev", "--no-such-option")
    assert ran.code == 2
    assert tapgen("deploy", "--project", "nowhere", "--env", "dev").code == 2


def test_what_is_wrong_ends_every_command_that_works_on_the_project(
    configured: Path, tapgen: Run
) -> None:
    (configured / "tapgen.toml").write_text("stages = 3\n")
    for arguments in (["config"], ["render"], ["deploy", "--env", "dev"]):
        ran = tapgen(*arguments)
        assert ran.code == 1
        assert "../tapgen.toml:1:1: stages: 3 is not names of environments" in ran.err
    assert tapgen("--help").code == 0
