"""The guard of protected environments, against the local AWS."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tapgen.aws.cloudformation.api import CloudFormation
from tapgen.deploy.guards.data_loss import data_losses, policy_during
from tapgen.errors import TapgenError
from tapgen.model.changes.change import Change, ChangeSet, PropertyChange
from tapgen.model.deployed.events import Failed, Updated
from tapgen.model.plan import Planned, Refusal

if TYPE_CHECKING:
    import pytest

    from tapgen.model.stack import Stack
    from tests.lab import Lab

TABLE = "data.Table"


def data(lab: Lab, key: str = "id", *, protected: bool = True, **more: Any) -> Stack:
    resources = {"Table": lab.table(f"lab-{key}", key), **more}
    return lab.stack("data", resources, protected=protected)


def tables(lab: Lab) -> list[str]:
    return list(lab.client("dynamodb").list_tables()["TableNames"])


def test_replacing_a_table_is_refused_and_cleaned_up(lab: Lab) -> None:
    lab.deploy(data(lab))
    outcome = lab.deploy(data(lab, "other")).outcomes["data"]
    assert isinstance(outcome, Failed)
    assert outcome.refused
    assert outcome.reason == (
        "data.Table (AWS::DynamoDB::Table) would be replaced and lab is protected"
    )
    assert outcome.hint == "If that is intended, say so: --allow-replacement data.Table"
    assert lab.change_sets("data") == []
    assert tables(lab) == ["lab-id"]


def test_removing_a_table_is_refused_too(lab: Lab) -> None:
    lab.deploy(data(lab, Note=lab.note()))
    outcome = lab.deploy(lab.stack("data", {"Note": lab.note()}, protected=True)).outcomes["data"]
    assert isinstance(outcome, Failed)
    assert (
        outcome.reason == "data.Table (AWS::DynamoDB::Table) would be removed and lab is protected"
    )


def test_a_replacement_that_is_named_passes_the_stack_policy_and_restores_it(lab: Lab) -> None:
    lab.deploy(data(lab))
    assert lab.policy("data") == data(lab).policy()
    outcome = lab.deploy(data(lab, "other"), allowed_losses=frozenset({TABLE})).outcomes["data"]
    assert isinstance(outcome, Updated)
    assert sorted(tables(lab)) == ["lab-id", "lab-other"]
    assert lab.policy("data") == data(lab).policy()


def test_a_replacement_that_fails_restores_the_policy_as_well(lab: Lab, faults: Any) -> None:
    lab.deploy(data(lab))
    faults({"update:Table": "no"})
    outcome = lab.deploy(data(lab, "other"), allowed_losses=frozenset({TABLE})).outcomes["data"]
    assert isinstance(outcome, Failed)
    assert not outcome.refused
    assert lab.policy("data") == data(lab).policy()


def test_a_replacement_that_never_begins_restores_the_policy_too(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.deploy(data(lab))

    def refuse(*_: object) -> bool:
        raise TapgenError("not now")

    monkeypatch.setattr(CloudFormation, "execute", refuse)
    outcome = lab.deploy(data(lab, "other"), allowed_losses=frozenset({TABLE})).outcomes["data"]
    assert isinstance(outcome, Failed)
    assert outcome.reason == "not now"
    assert lab.policy("data") == data(lab).policy()
    assert tables(lab) == ["lab-id"]


def test_without_protection_a_replacement_goes_ahead(lab: Lab) -> None:
    lab.deploy(data(lab, protected=False))
    assert isinstance(lab.deploy(data(lab, "other", protected=False)).outcomes["data"], Updated)


def test_an_update_that_fails_without_a_lifted_policy_leaves_it_alone(
    lab: Lab, faults: Any
) -> None:
    lab.deploy(data(lab, protected=False))
    faults({"update:Table": "no"})
    outcome = lab.deploy(data(lab, "other", protected=False)).outcomes["data"]
    assert isinstance(outcome, Failed)
    assert lab.policy("data") == data(lab, protected=False).policy()


def entry(stack: Stack, *changes: Change) -> Planned:
    return Planned(stack, "UPDATE", {}, ChangeSet("arn", "id", changes))


def test_only_what_is_named_is_allowed(lab: Lab) -> None:
    stack = data(lab, Second=lab.table("second"))
    replaced = Change("Modify", "Table", "AWS::DynamoDB::Table", "Conditional")
    removed = Change("Remove", "Second", "AWS::DynamoDB::Table")
    harmless = Change("Modify", "Table", "AWS::DynamoDB::Table", "False")
    assert data_losses(entry(stack, harmless), frozenset()) == ()
    assert data_losses(entry(stack, replaced), frozenset({TABLE})) == ()
    assert data_losses(entry(stack, replaced, removed), frozenset({"data.Third"})) == (
        Refusal(
            "data.Table (AWS::DynamoDB::Table) would be replaced and lab is protected",
            resource="Table",
            option="--allow-replacement data.Table",
        ),
        Refusal(
            "data.Second (AWS::DynamoDB::Table) would be removed and lab is protected",
            resource="Second",
            option="--allow-replacement data.Second",
        ),
    )


def test_no_option_helps_where_the_name_would_be_taken(lab: Lab) -> None:
    stack = data(lab)
    key = PropertyChange("/Properties/KeySchema", name="KeySchema")
    name = PropertyChange("/Properties/TableName", name="TableName")
    same_name = Change("Modify", "Table", "AWS::DynamoDB::Table", "True", details=(key,))
    (refusal,) = data_losses(entry(stack, same_name), frozenset())
    assert (refusal.option, refusal.resource) == ("", "Table")
    assert refusal.hint == (
        "No option helps: the new Table cannot have the name lab-id while the old one has it. Give "
        "it another name in its layer too."
    )
    (refusal,) = data_losses(entry(stack, replace(same_name, details=(key, name))), frozenset())
    assert (refusal.option, refusal.hint) == ("--allow-replacement data.Table", "")


def test_the_policy_keeps_what_is_not_named(lab: Lab) -> None:
    stack = data(lab, Second=lab.table("second"))
    replaced = Change("Modify", "Table", "AWS::DynamoDB::Table", "True")
    allow, deny = policy_during(entry(stack, replaced), frozenset({TABLE}))["Statement"]
    assert allow == stack.policy()["Statement"][0]
    assert deny["Resource"] == ["LogicalResourceId/Second"]
    assert policy_during(entry(stack, replaced), frozenset()) == stack.policy()
    both = entry(stack, replaced, Change("Remove", "Second", "AWS::DynamoDB::Table"))
    assert policy_during(both, frozenset({TABLE, "data.Second"}))["Statement"] == [allow]
