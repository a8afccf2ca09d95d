"""How to go on from the state that a stack is in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.deploy.stack.next_steps import retry_hint, stuck, way_out, with_command
from tests.predicaments import data, delete_failed

if TYPE_CHECKING:
    from tests.lab import Lab

RECOVER = (
    "Fix the cause, then run `tapgen recover --env lab --layer data --local`, "
    "then `tapgen deploy --env lab --local`."
)
BY_HAND = "Look at the events of lab-data in the AWS console in us-east-1."
AGAIN = (
    "Fix the cause, then run `tapgen deploy --env lab --local` again: "
    "what has succeeded stays as it is."
)


def test_a_stuck_stack_is_told_with_its_first_cause(lab: Lab, faults: Any) -> None:
    delete_failed(lab, faults)
    target = lab.target(data(lab))
    assert stuck(target, data(lab), target.describe("data")) == (
        "stack lab-data is in DELETE_FAILED: data.Note (AWS::SSM::Parameter): stuck"
    )


@pytest.mark.parametrize(
    ("reason", "words"), [("hook said no", ": hook said no"), ("", "")], ids=["reason", "none"]
)
def test_without_a_resource_the_stacks_own_reason_has_to_do(
    lab: Lab, reason: str, words: str
) -> None:
    lab.deploy(data(lab))
    target = lab.target(data(lab))
    stack_id = target.describe("data").stack_id
    state = StackState("lab-data", "UPDATE_FAILED", stack_id, reason=reason)
    assert stuck(target, data(lab), state) == f"stack lab-data is in UPDATE_FAILED{words}"


@pytest.mark.parametrize(
    ("status", "out", "again"),
    [
        ("UPDATE_ROLLBACK_FAILED", RECOVER, RECOVER),
        ("DELETE_FAILED", RECOVER, RECOVER),
        ("IMPORT_ROLLBACK_FAILED", BY_HAND, BY_HAND),
        ("UPDATE_ROLLBACK_COMPLETE", RECOVER, AGAIN),
        ("ROLLBACK_COMPLETE", RECOVER, AGAIN),
    ],
)
def test_the_way_on_is_a_command_where_there_is_one(
    lab: Lab, status: str, out: str, again: str
) -> None:
    run = lab.run(data(lab))
    assert way_out(run, data(lab), status) == out
    assert retry_hint(run, data(lab), status) == again


@pytest.mark.parametrize(
    ("hint", "told"),
    [
        ("", "Fix the cause, then run `tapgen deploy`."),
        ("Sign in.", "Sign in. `tapgen deploy` continues from there."),
        ("Run `tapgen status`.", "Run `tapgen status`."),
    ],
)
def test_a_hint_ends_with_a_command_unless_it_names_one(hint: str, told: str) -> None:
    assert with_command(hint, "tapgen deploy") == told
