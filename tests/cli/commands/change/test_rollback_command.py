"""`tapgen rollback`: an earlier release is shown, planned for review, deployed again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.advice import advised
from tests.cli.conftest import Run, ended

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.local.client import LocalAws

pytestmark = pytest.mark.slow

ZONE = ("--layer", "zone", "--yes")


@pytest.fixture
def released(project: Path, local_tapgen: Run) -> Run:
    """tapgen, with two releases of the zone: only what its stack is tagged with differs."""
    for owner in ("THEN", "NOW"):
        own(project, owner)
        assert local_tapgen("deploy", "--quiet", "--reason", f"by {owner}", *ZONE).code == 0
    return local_tapgen


def own(project: Path, owner: str) -> None:
    write(project, "cost_center", owner)


def write(project: Path, setting: str, value: str) -> None:
    settings = project / "envs" / "dev.yaml"
    kept = [one for one in settings.read_text().splitlines() if not one.startswith(f"{setting}:")]
    settings.write_text("\n".join([*kept, f"{setting}: {value}", ""]))


def test_the_release_before_is_shown_and_deployed_again(released: Run) -> None:
    back = released("rollback", "--yes", "--reason", "by mistake")
    assert back.code == 0, back.err
    lines = back.err.splitlines()
    assert lines[0].startswith("Back to release 1 of dev, 20")
    assert lines[0].endswith(" UTC: by THEN")
    assert lines[1] == "note: data is not rolled back"
    assert any(line.startswith("dev: 1 updated in ") for line in lines)
    assert lines[-1].endswith(" would deploy the current declaration again: correct it first.")
    assert advised(lines[-1])[0].startswith("deploy --env dev ")
    told = released("history", "--limit", "1").out
    assert "rollback  succeeded" in told
    assert told.rstrip().endswith("by mistake")
    again = released("rollback", "--to", "1", "--yes")
    assert again.code == 0
    assert "dev: nothing to do, its stack is as release 1 left them" in again.err


def test_programs_are_told_which_release_it_is(released: Run) -> None:
    back = released("rollback", "--yes", "--format", "json")
    assert back.code == 0
    first, *_ = map(json.loads, back.out.splitlines())
    assert (first["event"], first["release"], first["notes"]) == ("RollsBack", 1, [])
    assert ended(back)["zone"]["kind"] == "Updated"
    assert json.loads(back.out.splitlines()[-1])["releases"] == {"dev": 3}


def test_a_dry_run_gives_the_plan_and_no_is_no_success(released: Run) -> None:
    plan = released("rollback", "--dry-run", "--format", "json")
    assert plan.code == 0
    assert json.loads(plan.out)["environments"]["dev"]["zone"]["kind"] == "Planned"
    assert plan.err.startswith("Back to release 1 of dev")
    declined = released("rollback", "--quiet")
    assert (declined.code, "--yes" in declined.err) == (2, True)


def test_a_plan_in_a_file_is_carried_out_by_deploy(
    released: Run, project: Path, tapgen: Run, local_aws: LocalAws
) -> None:
    file = str(project / "plan.json")
    made = released("rollback", "--out", file)
    assert made.code == 0
    (command,) = advised(made.err)
    assert command.startswith(f"deploy --env dev --plan {file}")
    other = tapgen("deploy", "staging", "--plan", file, "--yes", *command.split()[5:])
    assert other.code == 4
    assert "is a plan for the environment dev, not for staging" in other.err
    done = tapgen(*command.split(), "--yes")
    assert done.code == 0, done.err
    assert "Back to release 1 of dev" in done.err
    assert ", release 3" in done.err


def test_what_todays_guards_refuse_is_no_plan(released: Run, project: Path) -> None:
    settings = project / "envs" / "dev.yaml"
    settings.write_text(settings.read_text().replace("recovery: false", "recovery: true"))
    write(project, "protection", "true")
    assert released("deploy", "--quiet", *ZONE).code == 0
    write(project, "protection", "false")
    for more in (["--dry-run"], ["--out", str(project / "plan.json")], ["--yes"]):
        refused = released("rollback", "--to", "1", *more)
        assert refused.code == 4
        assert "protection of zone would be switched off" in refused.err
    assert not (project / "plan.json").exists()
    unknown = released("rollback", "--to", "4", "--yes")
    assert unknown.code == 2
    assert "dev has no release 4 in" in unknown.err
