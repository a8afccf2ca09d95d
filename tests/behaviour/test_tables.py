"""Tables take their time, and refuse meanwhile, or altogether."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.behaviour.account import Aws, refused
from tests.behaviour.facts import documented, fact

API: Final = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference"


def index(name: str, key: str = "id", projection: str = "ALL") -> dict[str, Any]:
    return {
        "IndexName": name,
        "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        "Projection": {"ProjectionType": projection},
    }


def table(name: str, *indexes: dict[str, Any], **more: Any) -> dict[str, Any]:
    keys = {"id", *(one["KeySchema"][0]["AttributeName"] for one in indexes)}
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": key, "AttributeType": "S"} for key in sorted(keys)
        ],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        **({"GlobalSecondaryIndexes": list(indexes)} if indexes else {}),
        **more,
    }


def made(aws: Aws) -> str:
    """A table that is there; gives its name."""
    dynamodb = aws.client("dynamodb")
    name = aws.making("table", aws.name("table"))
    dynamodb.create_table(**table(name))

    def active() -> bool:
        found = dynamodb.describe_table(TableName=name)["Table"]
        return bool(found["TableStatus"] == "ACTIVE")

    aws.until(active, "the table")
    return name


CREATE: Final = {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}


@fact(
    documented(f"{API}/API_DeleteTable.html", f"{API}/API_UpdateTable.html"),
    seconds=400,
)
def test_a_table_that_is_updated_is_neither_updated_nor_deleted(aws: Aws) -> None:
    dynamodb = aws.client("dynamodb")
    name = made(aws)
    started = dynamodb.update_table(
        TableName=name, GlobalSecondaryIndexUpdates=[{"Create": index("one")}], **CREATE
    )
    assert started["TableDescription"]["TableStatus"] == "UPDATING"
    with refused("ResourceInUseException"):
        dynamodb.delete_table(TableName=name)
    with refused("ResourceInUseException"):
        dynamodb.update_table(TableName=name, DeletionProtectionEnabled=True)


@fact(documented(f"{API}/API_UpdateTable.html"))
def test_two_indexes_are_not_made_at_once(aws: Aws) -> None:
    name = made(aws)
    updates = [{"Create": index("one")}, {"Create": index("two")}]
    with refused("LimitExceededException", "Only 1 online index can be created or deleted"):
        aws.client("dynamodb").update_table(
            TableName=name, GlobalSecondaryIndexUpdates=updates, **CREATE
        )


@fact(documented(f"{API}/API_DeleteTable.html"))
def test_a_protected_table_is_not_deleted(aws: Aws) -> None:
    dynamodb = aws.client("dynamodb")
    name = made(aws)
    dynamodb.update_table(TableName=name, DeletionProtectionEnabled=True)

    def active() -> bool:
        found = dynamodb.describe_table(TableName=name)["Table"]
        return bool(found["TableStatus"] == "ACTIVE")

    aws.until(active, "the table")
    with refused("ValidationException", "deletion protection"):
        dynamodb.delete_table(TableName=name)


@fact(
    documented(
        "https://github.com/aws/aws-cdk/issues/12246",
        "https://github.com/aws-amplify/amplify-cli/issues/11384",
    ),
    seconds=150,
)
@pytest.mark.parametrize(
    ("after", "why"),
    [
        ([index("one"), index("two"), index("old")], "more than one GSI creation or deletion"),
        ([index("old", key="other")], "Cannot update GSI's properties other than"),
        ([index("old", projection="KEYS_ONLY")], "Cannot update GSI's properties other than"),
    ],
    ids=["two indexes", "key", "projection"],
)
def test_a_stack_changes_one_index_and_no_index_in_place(
    aws: Aws, after: list[dict[str, Any]], why: str
) -> None:
    name = aws.name("table")
    stack = aws.stack()

    def template(*indexes: dict[str, Any]) -> dict[str, Any]:
        return {
            "Resources": {
                "Table": {"Type": "AWS::DynamoDB::Table", "Properties": table(name, *indexes)}
            }
        }

    stack.create(template(index("old")))
    assert stack.deploy(template(*after))["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert why in stack.reasons()["Table"]
