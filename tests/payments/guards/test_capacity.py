"""Autoscaled capacity is not taken away by a deployment, against the local AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from tapgen.aws.resources.capacity import live_capacity
from tapgen.deploy.flow.events import Note
from tapgen.errors import TapgenError
from tapgen.model.changes.change import Change, ChangeSet, PropertyChange
from tapgen.model.deployed.events import Failed, Updated
from tapgen.model.plan import Planned
from tapgen.payments.guards.capacity import capacity_resets
from tests.waiting import update_table

if TYPE_CHECKING:
    from tapgen.model.stack import Stack
    from tests.lab import Lab

INDEX = "ByCustomer"


def data(lab: Lab, read: str, *, protected: bool = True, note: str = "one") -> Stack:
    throughput = {"ReadCapacityUnits": {"Ref": "Read"}, "WriteCapacityUnits": 5}
    attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "customer")]
    index = {
        "IndexName": INDEX,
        "KeySchema": [{"AttributeName": "customer", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
        "ProvisionedThroughput": throughput,
    }
    table = lab.table(
        "lab-items",
        BillingMode="PROVISIONED",
        ProvisionedThroughput=throughput,
        AttributeDefinitions=attributes,
        GlobalSecondaryIndexes=[index],
    )
    return lab.stack(
        "data",
        {"Table": table, "Note": lab.note({"Ref": "Text"})},
        parameters={"Read": read, "Text": note},
        protected=protected,
    )


def autoscale(lab: Lab, read: int, write: int, index_read: int = 0) -> None:
    """What Application Auto Scaling does when the load grows."""
    client = lab.client("dynamodb")
    units = {"ReadCapacityUnits": read, "WriteCapacityUnits": write}
    update_table(client, "lab-items", ProvisionedThroughput=units)
    if index_read:
        update = {
            "IndexName": INDEX,
            "ProvisionedThroughput": {"ReadCapacityUnits": index_read, "WriteCapacityUnits": 5},
        }
        update_table(client, "lab-items", GlobalSecondaryIndexUpdates=[{"Update": update}])


def capacity(lab: Lab) -> tuple[int, int]:
    table = lab.client("dynamodb").describe_table(TableName="lab-items")["Table"]
    found = table["ProvisionedThroughput"]
    return found["ReadCapacityUnits"], found["WriteCapacityUnits"]


def test_a_change_that_would_reset_capacity_is_refused_where_protected(lab: Lab) -> None:
    lab.deploy(data(lab, "10"))
    autoscale(lab, 40, 20)
    outcome = lab.deploy(data(lab, "12")).outcomes["data"]
    assert isinstance(outcome, Failed)
    assert outcome.refused
    assert "data.Table would go from 40 to 12 read capacity units" in outcome.reason
    assert "data.Table would go from 20 to 5 write capacity units" in outcome.reason
    assert outcome.reason.endswith("autoscaling has raised it, and lab is protected")
    assert "--allow-capacity-reset" in outcome.hint
    assert capacity(lab) == (40, 20)
    assert lab.change_sets("data") == []


def test_capacity_above_what_is_in_use_is_deployed(lab: Lab) -> None:
    lab.deploy(data(lab, "10"))
    autoscale(lab, 40, 5)
    assert isinstance(lab.deploy(data(lab, "41")).outcomes["data"], Updated)
    assert capacity(lab) == (41, 5)


def test_other_changes_leave_capacity_alone(lab: Lab) -> None:
    lab.deploy(data(lab, "10"))
    autoscale(lab, 40, 20)
    assert isinstance(lab.deploy(data(lab, "10", note="two")).outcomes["data"], Updated)
    assert capacity(lab) == (40, 20)


@pytest.mark.parametrize("protected", [True, False])
def test_what_is_taken_away_on_purpose_is_told(lab: Lab, protected: bool) -> None:
    lab.deploy(data(lab, "10", protected=protected))
    autoscale(lab, 40, 5)
    lifted = frozenset({"--allow-capacity-reset"} if protected else ())
    ran = lab.deploy(data(lab, "12", protected=protected), lifted=lifted)
    assert isinstance(ran.outcomes["data"], Updated)
    told = [event.text for event in ran.events if isinstance(event, Note)]
    assert "data.Table would go from 40 to 12 read capacity units" in told
    assert capacity(lab) == (12, 5)


def entry(stack: Stack, of: str = "GlobalSecondaryIndexes", **more: Any) -> Planned:
    details = (PropertyChange(name=of),)
    change = Change("Modify", "Table", "AWS::DynamoDB::Table", details=details, **more)
    return Planned(stack, "UPDATE", stack.parameters, ChangeSet("arn", "id", (change,)))


def test_indexes_are_guarded_by_name_and_absent_tables_are_not(lab: Lab) -> None:
    stack = data(lab, "10")
    target = lab.target(stack)
    assert capacity_resets(target, entry(stack)) == ()  # there is no such table
    lab.deploy(stack)
    autoscale(lab, 11, 5, index_read=30)
    resets = capacity_resets(target, entry(stack, physical_id="lab-items"))
    assert resets == (
        "data.Table would go from 11 to 10 read capacity units",
        f"data.Table ({INDEX}) would go from 30 to 10 read capacity units",
    )
    assert capacity_resets(target, entry(stack, "ProvisionedThroughput")) == resets
    assert capacity_resets(target, entry(stack, "Tags")) == ()
    assert capacity_resets(target, entry(stack, replacement="True")) == ()


def test_a_table_that_pays_per_request_has_nothing_to_lose(lab: Lab) -> None:
    stack = lab.stack("data", {"Table": lab.table("lab-items")})
    lab.deploy(stack)
    assert capacity_resets(lab.target(stack), entry(stack)) == ()


def test_what_cannot_be_read_is_an_error(lab: Lab) -> None:
    stack = data(lab, "10")
    region = lab.target(stack).region_of(stack)
    with Stubber(region.client("dynamodb")) as stubber:
        stubber.add_client_error("describe_table", "AccessDeniedException", "no")
        with pytest.raises(TapgenError, match="reading the capacity of lab-items: AccessDenied"):
            live_capacity(region, "lab-items")
