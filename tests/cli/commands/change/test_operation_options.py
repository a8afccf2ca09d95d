"""--express, --role-arn and --notification-arn, over what the settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
