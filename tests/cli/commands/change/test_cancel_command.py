"""`tapgen cancel`, while another process deploys."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.cli.views.runs.rescues import cancellation_text
from tests.cli.conftest import ended

pytestmark = pytest.mark.slow

ZONE = ("--layer", "zone")


def test_cancel_deletes_what_another_run_has_made(at_work: Any, terminal: Any) -> None:
    terminal.type("y\n")
    with terminal.attached():
        ran = at_work("cancel")
    shown = terminal.shown()
    assert ran.code == 0
    assert "delete what was created so far" in shown
    assert "deleted" in shown
    assert "ABSENT" in at_work("status", *ZONE).out


def test_cancel_that_is_declined_changes_nothing(at_work: Any, terminal: Any) -> None:
    terminal.type("n\n")
    with terminal.attached():
        ran = at_work("cancel", "--format", "json")
    error = json.loads(ran.out.splitlines()[-1])["error"]
    assert (ran.code, error["code"], error["kind"]) == (1, 1, "declined")
    assert "Nothing was changed." in terminal.shown()
    assert ended(at_work("watch", "--format", "json"))


def test_what_cannot_be_cancelled_is_said() -> None:
    text = cancellation_text({"data": StackState("s", "DELETE_IN_PROGRESS")})
    assert "watch: this cannot be cancelled" in text
