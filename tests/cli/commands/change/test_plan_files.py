"""`plan --out`, `deploy --plan` and `plan --discard` on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

Run = Any


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "plan.json"


def stacks(run: Run) -> set[str]:
    states = json.loads(run("status", "--format", "json").out)["environments"]["dev"]
    return {layer for layer, state in states.items() if state["status"] == "CREATE_COMPLETE"}


@pytest.mark.slow
def test_what_was_reviewed_is_deployed_once(
    local_tapgen: Run, tapgen: Run, project: Path, path: Path
) -> None:
    planned = local_tapgen("plan", "--layer", "zone", "--out", str(path), "--exit-code")
    assert planned.code == 3
    assert "zone           create, " in planned.out
    assert f"wrote {path}: `tapgen deploy --env dev --plan {path}" in planned.err
    # The plan says by itself which environment it is for.
    options = ("--local", "--envs-dir", str(project / "envs"))
    ran = tapgen("deploy", "--plan", str(path), "--yes", *options)
    assert (ran.code, "zone   created" in ran.err) == (0, True)
    assert stacks(local_tapgen) == {"zone"}
    again = local_tapgen("deploy", "--plan", str(path), "--yes")
    assert again.code == 4
    assert "zone: its change set was already executed" in again.err
    assert "next:" in again.err


@pytest.mark.slow
def test_a_plan_that_does_not_hold_is_refused(
    local_tapgen: Run, tapgen: Run, project: Path, path: Path
) -> None:
    assert local_tapgen("plan", "--layer", "zone", "--out", str(path)).code == 0
    dev = project / "envs" / "dev.yaml"
    text = dev.read_text()
    dev.write_text(text.replace("DEV-001", "DEV-002"))
    stale = local_tapgen("deploy", "--plan", str(path), "--yes")
    assert stale.code == 4
    assert "zone: setting cost_center was DEV-001, is DEV-002" in stale.err
    dev.write_text(text)

    reviewed = path.read_text()
    path.write_text(reviewed.replace("DEV-001", "DEV-003"))
    edited = local_tapgen("deploy", "--plan", str(path), "--yes")
    assert (edited.code, "was edited after it was made" in edited.err) == (4, True)
    path.write_text(reviewed)

    other = ("--env", "staging", "--local", "--envs-dir", str(project / "envs"))
    foreign = tapgen("deploy", "--plan", str(path), "--yes", *other)
    assert foreign.code == 4
    assert "a plan for the environment dev, not for staging" in foreign.err

    removed = local_tapgen("plan", "--discard", str(path))
    assert (removed.code, f"removed {path} and its 1 change set" in removed.err) == (0, True)
    assert not path.exists()
    assert stacks(local_tapgen) == set()


@pytest.mark.slow
def test_a_second_plan_in_the_same_file_removes_the_first(
    local_tapgen: Run, project: Path, path: Path
) -> None:
    assert local_tapgen("plan", "--layer", "zone", "--out", str(path)).code == 0
    first = path.read_text()
    again = local_tapgen("plan", "--layer", "zone", "--out", str(path))
    assert again.code == 0
    assert f"{path} held another plan; removed its 1 change set\n" in again.err
    other = path.with_name("first.json")
    other.write_text(first)
    gone = local_tapgen("deploy", "--plan", str(other), "--yes")
    assert (gone.code, "zone: its change set no longer exists" in gone.err) == (4, True)
    assert local_tapgen("deploy", "--plan", str(path), "--yes").code == 0
    assert stacks(local_tapgen) == {"zone"}


def test_a_plan_is_not_written_over_anything_else(
    local_tapgen: Run, tapgen: Run, project: Path, path: Path
) -> None:
    path.write_text("precious")
    refused = local_tapgen("plan", "--layer", "zone", "--out", str(path))
    assert refused.code == 4
    assert f"{path} is not a plan file, so it is not overwritten" in refused.err
    assert "`tapgen plan --discard FILE --envs-dir " in refused.err
    path.unlink()
    assert local_tapgen("plan", "--layer", "zone", "--out", str(path)).code == 0
    text = path.read_text()
    foreign = ("plan", "--env", "staging", "--layer", "zone", "--out", str(path))
    refused = tapgen(*foreign, "--local", "--envs-dir", str(project / "envs"))
    assert refused.code == 4
    assert "is a plan for the environment dev, not for staging, so it is not" in refused.err
    assert path.read_text() == text
    assert local_tapgen("plan", "--discard", str(path)).code == 0


def test_a_plan_that_cannot_be_written_leaves_nothing(local_tapgen: Run, path: Path) -> None:
    path.write_text("a file, no folder")
    failed = local_tapgen("plan", "--layer", "zone", "--out", str(path / "plan.json"))
    assert (failed.code, "cannot write" in failed.err) == (1, True)
    states = json.loads(local_tapgen("status", "--format", "json").out)["environments"]["dev"]
    assert {state["status"] for state in states.values()} == {"ABSENT"}


def test_wrong_usage(tapgen: Run, project: Path, path: Path) -> None:
    path.write_text("{}")
    assert "no environment is named" in tapgen("plan").err
    missing = tapgen("deploy")
    assert (missing.code, "no environment is named" in missing.err) == (2, True)
    both = tapgen("deploy", "--plan", str(path), "--layer", "zone")
    assert (both.code, "Leave out --layer" in both.err) == (2, True)
    nothing = tapgen("deploy", "--plan", str(path.parent / "no.json"))
    assert (nothing.code, "does not exist" in nothing.err) == (2, True)
    no_plan = tapgen("deploy", "--plan", str(path))
    assert (no_plan.code, "is not a plan file" in no_plan.err) == (4, True)


@pytest.mark.slow
def test_a_reviewed_plan_stays_when_the_answer_is_no(
    local_tapgen: Run, path: Path, terminal: Any
) -> None:
    assert local_tapgen("plan", "--layer", "zone", "--out", str(path)).code == 0
    terminal.type("n\n")
    with terminal.attached():
        assert local_tapgen("deploy", "--plan", str(path)).code == 1
    assert "Nothing was changed." in terminal.shown()
    assert local_tapgen("deploy", "--plan", str(path), "--yes").code == 0
    assert stacks(local_tapgen) == {"zone"}
