"""`tapgen recover`, on small layers of `dev`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.cli.views.runs.rescues import recovery_text
from tapgen.deploy.rescue.recover import Case
from tapgen.model.deployed.stack_status import ACTIONS, RecoverAction
from tapgen.model.stack import Stack
from tests.cli.conftest import ended

pytestmark = pytest.mark.slow

ZONE = ("--layer", "zone")


def test_recover_says_what_it_does_and_how_to_go_on(failed: Any) -> None:
    ran = failed("recover", "--yes")
    assert ran.code == 0
    assert "zone   ROLLBACK_COMPLETE  delete what is left (DeleteStack), keeping data" in ran.err
    assert "zone   deleted" in ran.err
    assert "next: `tapgen deploy --env dev --envs-dir" in ran.err
    again = failed("recover", *ZONE)
    assert (again.code, again.err) == (0, "No stack needs recovery.\n")
    assert failed("deploy", *ZONE, "--yes").code == 0


def test_what_was_left_behind_is_listed(local_tapgen: Any, project: Path, faults: Any) -> None:
    network = ("--layer", "network", "--yes")
    assert local_tapgen("deploy", *network, "--quiet").code == 0
    faults({"delete:InternetGateway": "stuck"})
    assert local_tapgen("destroy", *network).code == 1
    ran = local_tapgen("recover", *network, "--skip-resource", "network.InternetGateway")
    assert ran.code == 0
    assert "next: `tapgen deploy --env dev --layer network --envs-dir" in ran.err
    assert (
        "Left behind. The next deployment takes over retained resources; delete the rest:"
        in ran.err
    )
    assert "network  AWS::EC2::InternetGateway  igw-" in ran.out


def test_recover_as_json(failed: Any) -> None:
    ran = failed("recover", "--yes", "--format", "json")
    assert (ran.code, ended(ran)["zone"]["kind"]) == (0, "Deleted")


def test_recover_asks_and_does_nothing_without_a_yes(failed: Any, terminal: Any) -> None:
    terminal.type("n\n")
    with terminal.attached():
        ran = failed("recover", *ZONE)
    assert ran.code == 1
    assert "Nothing was changed." in terminal.shown()
    assert "ROLLBACK_COMPLETE" in failed("status", *ZONE).out


def test_recover_without_a_terminal_needs_yes(failed: Any) -> None:
    ran = failed("recover", *ZONE)
    assert ran.code == 2
    assert "there is no terminal to ask on" in ran.err


def test_what_fails_again_ends_with_one(failed: Any, faults: Any) -> None:
    faults({"delete:HostedZone": "no"})
    deployed = failed("deploy", *ZONE, "--yes")
    assert deployed.code == 0
    ran = failed("recover", "--skip-resource", "zone.HostedZone")
    assert ran.code == 2
    assert "these resources cannot be skipped: zone.HostedZone" in ran.err


def test_every_kind_of_help_has_its_words(stack: Stack) -> None:
    rescues = {actions_for.recover for actions_for in ACTIONS.values()} - {
        RecoverAction.NOTHING,
        RecoverAction.WAIT,
    }
    cases = {
        rescue.name: Case(stack, StackState("s", "STATUS", reason="why"), rescue)
        for rescue in rescues
    }
    text = recovery_text(cases)
    for words in ("ContinueUpdateRollback", "RollbackStack", "DeleteStack", "AWS has no API call"):
        assert words in text
    assert text.count("\n") == 2 * len(rescues)
    assert f"{cases.popitem()[0]}: why" in text


def test_what_may_be_skipped_is_said_before_it_is_asked(stack: Stack) -> None:
    case = Case(stack, StackState("s", "DELETE_FAILED"), RecoverAction.DELETE, ("Key", "Table"))
    assert "if that fails again, skipping data.Key, data.Table" in recovery_text({"data": case})
