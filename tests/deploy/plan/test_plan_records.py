"""A plan as JSON objects; tests/deploy/plan/test_plan_file.py keeps them in a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.deploy.plan.plan_records import change_of, change_record, entry_record
from tapgen.model.changes.change import Change, ChangeSet, PropertyChange
from tapgen.model.layer import OutputRef
from tapgen.model.plan import Blocked, Entry, FailedCreation, NoChange, Pending, Planned

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.model.stack import Stack

CHANGE = Change(
    "Modify",
    "Table",
    "AWS::DynamoDB::Table",
    "True",
    details=(
        PropertyChange("/Properties/Size", name="Size", before="5", after="10", cause="Read"),
    ),
)


@pytest.fixture
def stack(make_stack: Callable[..., Stack], make_template: Any) -> Stack:
    template = make_template(
        Parameters={"Read": {"Type": "Number"}, "Pin": {"Type": "String", "NoEcho": True}},
        Settings={"Read": "data.read_capacity"},
        Table="AWS::DynamoDB::Table",
    )
    return make_stack(template=template)


def test_every_entry_says_its_kind_and_what_is_known(stack: Stack) -> None:
    entries: list[Entry] = [
        NoChange(stack, {"Id": "1"}, "2026-01-01"),
        Pending(stack, (OutputRef("network", "Id"), OutputRef("zone", "Id", environment="prod"))),
        FailedCreation(stack, "ROLLBACK_COMPLETE"),
        Blocked(stack, "UPDATE_FAILED", "it is stuck", "recover"),
    ]
    assert [entry_record(entry) for entry in entries] == [
        {"kind": "Same", "updated": "2026-01-01"},
        {"kind": "Pending", "needs": ["network.Id", "prod.zone.Id"]},
        {"kind": "Leftover", "status": "ROLLBACK_COMPLETE"},
        {
            "kind": "Blocked",
            "status": "UPDATE_FAILED",
            "reason": "it is stuck",
            "hint": "recover",
            "refused": False,
        },
    ]


def test_a_planned_stack_says_what_is_lost_and_no_secret(stack: Stack) -> None:
    parameters = {"Read": "10", "Pin": "1234"}
    harmless = Change("Add", "Topic", "AWS::SNS::Topic")
    change_set = ChangeSet("arn:change-set", "arn:stack", (CHANGE, harmless))
    record = entry_record(Planned(stack, "UPDATE", parameters, change_set))
    assert (record["kind"], record["change_set_type"]) == ("Planned", "UPDATE")
    assert (record["change_set"], record["stack_id"]) == ("arn:change-set", "arn:stack")
    assert record["parameters"] == {"Read": "10", "Pin": "****"}
    assert record["data_losses"] == ["Table"]
    assert [change["data_loss"] for change in record["changes"]] == [True, False]
    assert (record["read"], record["adoptions"]) == ([], [])
    json.dumps(record)


def test_a_change_is_read_again_as_it_was(stack: Stack) -> None:
    entry = Planned(stack, "UPDATE", {"Read": "10"}, ChangeSet("arn", "id", (CHANGE,)))
    record = change_record(entry, CHANGE)
    assert record["because"] == ["setting data.read_capacity changed"]
    assert record["details"][0]["because"] == ["setting data.read_capacity changed"]
    assert change_of(json.loads(json.dumps(record))) == CHANGE
