from __future__ import annotations

from typing import Any

from tapgen.model.changes.change import Change, ChangeSet
from tapgen.model.layer import OutputRef
from tapgen.model.plan import Blocked, FailedCreation, NoChange, Pending, Plan, Planned


def test_data_losses_are_those_of_the_change_set(make_stack: Any) -> None:
    lost = Change("Remove", "Table", "AWS::DynamoDB::Table")
    other = Change("Remove", "Topic", "AWS::SNS::Topic")
    planned = Planned(make_stack(), "UPDATE", {}, ChangeSet("arn", "id", (other, lost)))
    assert planned.data_losses == (lost,)


def test_a_plan_has_changes_unless_every_stack_is_as_declared(make_stack: Any) -> None:
    stack = make_stack()
    same = NoChange(stack, {})
    assert not Plan("dev", {}).has_changes
    assert not Plan("dev", {"data": same}).has_changes
    for entry in (
        Planned(stack, "CREATE", {}, ChangeSet("arn", "id", ())),
        Pending(stack, (OutputRef("network", "VpcId"),)),
        FailedCreation(stack, "ROLLBACK_COMPLETE"),
        Blocked(stack, "UPDATE_ROLLBACK_FAILED", "why", "what next"),
    ):
        assert Plan("dev", {"network": same, "data": entry}).has_changes
