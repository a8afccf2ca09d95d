"""docs/restore.md, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tapgen.deploy.observe.verify import verify_stacks
from tapgen.model.deployed.events import Created, Failed, Unchanged
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tapgen.model.stack import Stack
    from tests.lab import Lab

pytestmark = pytest.mark.slow

TABLE = "lab-transactions"
COPY = f"{TABLE}-restored"


def data(lab: Lab) -> Stack:
    """A table like those of the data layer, with all that a restore leaves out."""
    declared = lab.table(
        TABLE,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        TimeToLiveSpecification={"AttributeName": "expires", "Enabled": True},
        DeletionProtectionEnabled=True,
    )
    return lab.stack("data", {"Table": declared})


def items(dynamodb: Any, table: str) -> set[str]:
    return {item["id"]["S"] for item in dynamodb.scan(TableName=table)["Items"]}


def put_in_place(dynamodb: Any) -> None:
    """Steps 2 and 3: the copy takes the place of the table."""
    dynamodb.create_backup(TableName=TABLE, BackupName="damaged")
    backup = dynamodb.create_backup(TableName=COPY, BackupName="restored")["BackupDetails"]
    dynamodb.update_table(TableName=TABLE, DeletionProtectionEnabled=False)
    wait_until(lambda: dynamodb.describe_table(TableName=TABLE)["Table"]["TableStatus"] == "ACTIVE")
    dynamodb.delete_table(TableName=TABLE)
    dynamodb.restore_table_from_backup(TargetTableName=TABLE, BackupArn=backup["BackupArn"])


@pytest.fixture
def restored(lab: Lab) -> Any:
    """The client, when a damaged table was restored as it was before the damage."""
    lab.deploy(data(lab))
    dynamodb = lab.client("dynamodb")
    dynamodb.put_item(TableName=TABLE, Item={"id": {"S": "payment"}})
    # The local AWS restores the present, not a moment in the past.
    dynamodb.restore_table_to_point_in_time(
        SourceTableName=TABLE, TargetTableName=COPY, UseLatestRestorableTime=True
    )
    dynamodb.delete_item(TableName=TABLE, Key={"id": {"S": "payment"}})
    assert (items(dynamodb, TABLE), items(dynamodb, COPY)) == (set(), {"payment"})
    put_in_place(dynamodb)
    return dynamodb


def test_the_stack_finds_the_restored_table_and_tells_what_it_lacks(
    lab: Lab, restored: Any
) -> None:
    assert items(restored, TABLE) == {"payment"}
    target = lab.target(data(lab))
    lacking = {
        check.property.partition("/")[0]
        for check in verify_stacks(target)
        if check.ok is False and check.logical_id == "Table"
    }
    assert lacking == {
        "DeletionProtectionEnabled",
        "PointInTimeRecoverySpecification",
        "TimeToLiveSpecification",
    }
    assert isinstance(lab.deploy(data(lab)).outcomes["data"], Unchanged)
    assert items(restored, TABLE) == {"payment"}


def test_a_stack_that_is_gone_takes_the_restored_table_over(lab: Lab, restored: Any) -> None:
    lab.destroy(data(lab))
    refused = lab.deploy(data(lab)).outcomes["data"]
    assert isinstance(refused, Failed)
    assert "does not have the tags Environment=lab, Layer=data" in refused.reason
    tags = [{"Key": name, "Value": value} for name, value in data(lab).tags.items()]
    arn = restored.describe_table(TableName=TABLE)["Table"]["TableArn"]
    restored.tag_resource(ResourceArn=arn, Tags=tags)
    outcome = lab.deploy(data(lab)).outcomes["data"]
    assert isinstance(outcome, Created)
    assert outcome.adopted == ("Table",)
    assert items(restored, TABLE) == {"payment"}
