from __future__ import annotations

import json
from typing import Any

import pytest

from tapgen.cli.views.runs.outcomes import (
    BAD,
    GOOD,
    NEUTRAL,
    WARN,
    as_record,
    entry_words,
    outcome_detail,
    outcome_record,
    outcome_word,
    plan_record,
)
from tapgen.deploy.flow.events import (
    Event,
    Finished,
    Note,
    Planning,
    PlanReady,
    Progress,
    Started,
)
from tapgen.model.changes.change import Change, ChangeSet
from tapgen.model.changes.settling import unsettled
from tapgen.model.deployed.events import (
    Created,
    Deleted,
    Failed,
    Outcome,
    ResourceEvent,
    RolledBack,
    RootCause,
    Skipped,
    Unchanged,
    Updated,
)
from tapgen.model.layer import OutputRef
from tapgen.model.plan import (
    Adoption,
    Blocked,
    FailedCreation,
    NoChange,
    Pending,
    Plan,
    Planned,
    Refusal,
)
from tapgen.model.stack import Stack
from tapgen.render.rendering import Rendered

TABLE = "AWS::DynamoDB::Table"


EVENT = ResourceEvent("1", "Table", "payments-dev-t", TABLE, "CREATE_FAILED", "Name is taken")


@pytest.mark.parametrize(
    ("outcome", "word", "colour", "detail"),
    [
        (Created({"A": "b"}), "created", GOOD, ""),
        (Created(adopted=("Table", "Key")), "created, data adopted", GOOD, "Table, Key"),
        (Updated(), "updated", GOOD, ""),
        (Updated(adopted=("Table",)), "updated, data adopted", GOOD, "Table"),
        (Deleted(((TABLE, "t"),)), "deleted", GOOD, ""),
        (RolledBack(), "rolled back", GOOD, ""),
        (RolledBack(skipped=("Table", "Key")), "rolled back", GOOD, "without Table, Key"),
        (Failed("no"), "failed", BAD, "no"),
        (Failed("no", refused=True), "refused", BAD, "no"),
        (Skipped("data failed"), "skipped", WARN, "data failed"),
        (Unchanged(), "unchanged", NEUTRAL, ""),
    ],
)
def test_outcomes(outcome: Outcome, word: str, colour: str, detail: str) -> None:
    assert outcome_word(outcome) == (word, colour)
    assert outcome_detail(outcome) == detail


@pytest.fixture
def entries(stack: Stack) -> dict[str, Any]:
    changes = (Change("Remove", "Table", TABLE), Change("Add", "Topic", "AWS::SNS::Topic"))
    change_set = ChangeSet("arn:cs", "id", changes)
    adoption = Adoption("Table", TABLE, "TableName", "t")
    return {
        "create": Planned(stack, "CREATE", {}, change_set),
        "import": Planned(stack, "CREATE", {}, change_set, adoptions=(adoption,)),
        "shell": Planned(stack, "CREATE", {}, change_set, adoptions=(adoption,)),
        "adopt": Planned(stack, "IMPORT", {}, change_set, adoptions=(adoption,)),
        "update": Planned(stack, "UPDATE", {}, change_set),
        "pending": Pending(stack, (OutputRef("network", "VpcId"), OutputRef("data", "KeyArn"))),
        "leftover": FailedCreation(stack, "ROLLBACK_COMPLETE"),
        "blocked": Blocked(stack, "UPDATE_ROLLBACK_FAILED", "it is stuck", "recover"),
        "refused": Blocked(stack, "", "it is another's", "", refused=True),
        "same": NoChange(stack, {}),
    }


def test_entries_of_a_plan(entries: dict[str, Any]) -> None:
    assert {name: entry_words(entry) for name, entry in entries.items()} == {
        "create": ("create, 2 resources", GOOD),
        "import": ("create, taking over Table", GOOD),
        "shell": ("create, taking over Table", GOOD),
        "adopt": ("update, taking over Table", WARN),
        "update": ("update, 2 changes", WARN),
        "pending": ("pending: needs network.VpcId, data.KeyArn", NEUTRAL),
        "leftover": ("recreate: ROLLBACK_COMPLETE", WARN),
        "blocked": ("blocked: it is stuck", BAD),
        "refused": ("refused: it is another's", BAD),
        "same": ("unchanged", NEUTRAL),
    }


def test_a_plan_says_what_is_protected_once_a_stack_is_made(rendered: Rendered) -> None:
    stack = next(one for one in rendered.stacks["prod"] if one.layer == "identity")
    before = unsettled(stack, stack.parameters)
    changes = ChangeSet("arn:cs", "id", (Change("Add", "UserPool", "AWS::Cognito::UserPool"),))
    adoption = Adoption("Table", TABLE, "TableName", "t")
    words = {
        kind: entry_words(Planned(stack, kind, before, changes, adoptions=adoptions))[0]
        for kind, adoptions in (("CREATE", ()), ("IMPORT", (adoption,)), ("UPDATE", ()))
    }
    assert words == {
        "CREATE": "create, 1 resource, then protect UserPool",
        "IMPORT": "update, taking over Table, then protect UserPool",
        "UPDATE": "update, 1 change, then protect UserPool",
    }


def test_a_pending_stack_names_some_of_its_inputs(stack: Stack) -> None:
    needs = tuple(OutputRef("network", f"Subnet{number}") for number in range(5))
    shown = "pending: needs network.Subnet0, network.Subnet1, network.Subnet2"
    assert entry_words(Pending(stack, needs))[0] == f"{shown} and 2 more"
    assert entry_words(Pending(stack, needs[:3]))[0] == shown
    assert entry_words(Pending(stack, needs), 1)[0] == f"{shown}, network.Subnet3, network.Subnet4"


def test_a_plan_as_json(entries: dict[str, Any]) -> None:
    whole, one = Refusal("protection", option="--allow"), Refusal("lost", resource="Table")
    plan = Plan("dev", entries, ("same",), {"": (whole,), "update": (one,)})
    record = json.loads(json.dumps(plan_record(plan)))
    assert list(record) == list(entries)
    assert record["same"] == {
        "kind": "Same",
        "summary": "unchanged",
        "updated": "",
        "unprotects": True,
        "hooks": [],
        "refusals": [{"reason": "protection", "hint": "", "resource": "", "option": "--allow"}],
    }
    assert [refusal["reason"] for refusal in record["update"]["refusals"]] == ["lost"]
    assert record["pending"]["needs"] == ["network.VpcId", "data.KeyArn"]
    update = record["update"]
    assert (update["kind"], update["change_set"]) == ("Planned", "arn:cs")
    assert [change["logical_id"] for change in update["changes"]] == ["Table", "Topic"]
    assert update["data_losses"] == ["Table"]


@pytest.mark.parametrize(
    ("message", "record"),
    [
        (Planning("data"), {"event": "Planning", "layer": "data"}),
        (Started("data", "create"), {"event": "Started", "layer": "data", "action": "create"}),
        (Note("data", "text"), {"event": "Note", "layer": "data", "text": "text"}),
        (
            Progress("data", EVENT),
            {
                "event": "Progress",
                "layer": "data",
                "event_id": "1",
                "logical_id": "Table",
                "physical_id": "payments-dev-t",
                "resource_type": TABLE,
                "status": "CREATE_FAILED",
                "reason": "Name is taken",
                "at": None,
                "path": "",
                "token": "",
            },
        ),
        (
            Finished("data", Skipped("network failed"), 0.0),
            {
                "event": "Finished",
                "layer": "data",
                "seconds": 0.0,
                "outcome": {"kind": "Skipped", "because": "network failed"},
            },
        ),
    ],
)
def test_messages_as_json(message: Event, record: dict[str, Any]) -> None:
    assert json.loads(json.dumps(as_record(message))) == record


def test_a_ready_plan_as_json(entries: dict[str, Any]) -> None:
    plan = Plan("dev", entries)
    assert as_record(PlanReady(plan)) == {"event": "PlanReady", "plan": plan_record(plan)}


def test_a_failure_as_json_names_its_root_cause() -> None:
    cause = RootCause("data", "Table", TABLE, "Name is taken")
    record = outcome_record(Failed("Name is taken", "ROLLBACK_COMPLETE", cause, "Rename it."))
    assert record["kind"] == "Failed"
    assert record["root_cause"]["logical_id"] == "Table"
    assert record["refused"] is False
