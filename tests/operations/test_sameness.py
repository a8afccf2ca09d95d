"""Comparing how environments behave: what is refused before anybody is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tapgen.errors import RefusedError, TapgenError, UsageError
from tapgen.operations.sameness import behaviour
from tapgen.project import Project
from tapgen.review.parity.behaviour import Behaviour
from tapgen.review.parity.recorded import Recorded, written
from tests.paths import ROOT


@pytest.fixture
def here(project: Path) -> Project:
    return Project(folder=project)


def kept(path: Path, *names: str, platform: str = "payments") -> Path:
    """A record of environments that said nothing."""
    path.write_text(written(Recorded(platform, False, {name: Behaviour({}) for name in names})))
    return path


@pytest.mark.parametrize(
    ("names", "options", "why", "next_step"),
    [
        (["dev"], {}, "dev alone cannot be compared", "keep its answers with --record FILE"),
        (
            ["dev", "prod"],
            {"against": Path("my record.json")},
            "--against is for one environment, but there are 2: dev, prod",
            "`tapgen parity --live --env dev --against 'my record.json'`",
        ),
        ([], {"against": Path("r.json")}, "there are 3: dev, staging, prod", "--env dev"),
        (["dev", "prod"], {"samples": 1}, "--samples is 1, but must be 2 to 100", "to use 5"),
        (["dev", "prod"], {"samples": 101}, "--samples is 101", "Leave it out"),
        (
            ["dev"],
            {"against": Path("r.json"), "write": True},
            "the file r.json does not exist",
            "`tapgen parity --live --env dev --write --record r.json` writes it.",
        ),
        (["qa"], {}, 'there is no environment "qa"', "there are dev, staging, prod"),
    ],
)
def test_what_cannot_be_compared_is_wrong_usage(
    here: Project, names: list[str], options: dict[str, Any], why: str, next_step: str
) -> None:
    with pytest.raises(UsageError) as told:
        behaviour(here, names, **options)
    assert why in told.value.message
    assert next_step in told.value.hint


def test_a_record_that_cannot_be_compared_is_refused_before_anybody_is_asked(
    here: Project, project: Path
) -> None:
    path = kept(project / "r.json", "dev", "staging")
    with pytest.raises(UsageError, match="the record does not have prod"):
        behaviour(here, ["prod"], against=path)
    other = kept(project / "other.json", "dev", platform="other")
    with pytest.raises(RefusedError, match="is of the platform other") as told:
        behaviour(here, ["dev"], against=other)
    again = f"tapgen parity --live --env dev --record {other}"
    assert told.value.hint == f"Create a new one: `{again}`."


def test_nothing_but_a_record_is_written_over(here: Project, project: Path) -> None:
    with pytest.raises(RefusedError, match="is not a record of a conversation") as told:
        behaviour(here, ["dev"], record=project / "envs" / "dev.yaml")
    assert "Name another file with --record" in told.value.hint
    link = project / "link.json"
    link.symlink_to(kept(project / "r.json", "dev"))
    with pytest.raises(RefusedError, match="is a link") as told:
        behaviour(here, ["dev"], record=link)
    assert told.value.hint == "Name a file with --record."


def test_a_platform_without_a_conversation_is_told(project: Path) -> None:
    second = Project(
        folder=project,
        envs=ROOT / "tests" / "second" / "envs",
        platform_name="tests.second.platform:PLATFORM",
    )
    with pytest.raises(TapgenError, match="the live checks of the platform second are missing"):
        behaviour(second, ["test", "live"])
