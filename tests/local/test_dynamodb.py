"""DynamoDB takes its time, and refuses what it would refuse on AWS meanwhile or altogether."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tapgen.local import client
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.local.client import LocalAws
    from tests.local.conftest import Account

IN_USE = "Attempt to change a resource which is still in use: Table is being updated: table"


@pytest.fixture
def slow_tables(local: LocalAws) -> Iterator[None]:
    client.inject(local, {"tables": 300.0})
    yield
    client.inject(local, {})


def index(name: str, key: str = "id", projection: str = "ALL") -> dict[str, Any]:
    return {
        "IndexName": name,
        "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        "Projection": {"ProjectionType": projection},
    }


def table(*indexes: dict[str, Any], **more: Any) -> dict[str, Any]:
    keys = {"id", *(one["KeySchema"][0]["AttributeName"] for one in indexes)}
    return {
        "TableName": "table",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": key, "AttributeType": "S"} for key in sorted(keys)
        ],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        **({"GlobalSecondaryIndexes": list(indexes)} if indexes else {}),
        **more,
    }


def changes(*names: str) -> dict[str, Any]:
    return {
        "TableName": "table",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "GlobalSecondaryIndexUpdates": [{"Create": index(name)} for name in names],
    }


def refusal(call: Any, **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call(**arguments)
    told = error.value.response["Error"]
    return told["Code"], told["Message"]


@pytest.mark.usefixtures("slow_tables")
def test_while_a_table_is_updating_nothing_else_is_done_to_it(account: Account) -> None:
    aws = account.client("dynamodb")
    aws.create_table(**table(index("old")))
    assert aws.describe_table(TableName="table")["Table"]["TableStatus"] == "ACTIVE"
    answer = aws.update_table(**changes("new"))["TableDescription"]
    assert answer["TableStatus"] == "UPDATING"
    found = aws.describe_table(TableName="table")["Table"]
    assert found["TableStatus"] == "UPDATING"
    assert {one["IndexName"]: one["IndexStatus"] for one in found["GlobalSecondaryIndexes"]} == {
        "old": "ACTIVE",
        "new": "CREATING",
    }
    for call, arguments in (
        (aws.update_table, {"DeletionProtectionEnabled": True}),
        (aws.delete_table, {}),
    ):
        assert refusal(call, TableName="table", **arguments) == ("ResourceInUseException", IN_USE)
    aws.put_item(TableName="table", Item={"id": {"S": "1"}})  # data comes and goes as ever


def test_after_that_it_is_as_it_was(account: Account) -> None:
    aws = account.client("dynamodb")
    aws.create_table(**table())
    aws.update_table(TableName="table", DeletionProtectionEnabled=True)
    wait_until(lambda: aws.describe_table(TableName="table")["Table"]["TableStatus"] == "ACTIVE")
    aws.update_table(TableName="table", DeletionProtectionEnabled=False)
    wait_until(lambda: aws.describe_table(TableName="table")["Table"]["TableStatus"] == "ACTIVE")
    aws.delete_table(TableName="table")


def test_one_index_at_a_time(account: Account) -> None:
    aws = account.client("dynamodb")
    assert refusal(aws.update_table, **changes("one"))[0] == "ResourceNotFoundException"
    aws.create_table(**table())
    code, message = refusal(aws.update_table, **changes("one", "two"))
    assert code == "LimitExceededException"
    assert "Only 1 online index can be created or deleted simultaneously" in message


def resource(*indexes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": table(*indexes, **more)}}


@pytest.mark.parametrize(
    ("after", "why"),
    [
        ([index("old"), index("one"), index("two")], "more than one GSI creation or deletion"),
        ([index("renamed")], "more than one GSI creation or deletion"),
        ([index("old", key="other")], "Cannot update GSI's properties other than"),
        ([index("old", projection="KEYS_ONLY")], "Cannot update GSI's properties other than"),
    ],
    ids=["two", "renamed", "key", "projection"],
)
def test_a_stack_changes_one_index_and_no_index_in_place(
    account: Account, after: list[dict[str, Any]], why: str
) -> None:
    assert account.deploy("data", resource(index("old")))["StackStatus"] == "CREATE_COMPLETE"
    assert account.deploy("data", resource(*after))["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert why in account.reasons("data")["Table"]


def test_a_stack_waits_until_its_tables_are_done(account: Account) -> None:
    aws = account.client("dynamodb")
    key = {"SSEEnabled": True, "SSEType": "KMS"}
    made = resource(index("one"), index("two"), SSESpecification=key)
    assert account.deploy("data", made)["StackStatus"] == "CREATE_COMPLETE"
    changed = resource(index("one"), SSESpecification=key, DeletionProtectionEnabled=True)
    assert account.deploy("data", changed)["StackStatus"] == "UPDATE_COMPLETE"
    assert aws.describe_table(TableName="table")["Table"]["TableStatus"] == "ACTIVE"
    aws.update_table(TableName="table", DeletionProtectionEnabled=False)
    assert account.delete("data")["StackStatus"] == "DELETE_COMPLETE"
