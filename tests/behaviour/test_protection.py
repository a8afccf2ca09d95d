"""What is protected against deletion, and operations that fail after they have made it."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.behaviour.account import Aws
from tests.behaviour.facts import documented, fact

GUIDE: Final = "https://docs.aws.amazon.com"
POLICY: Final = (
    f"{GUIDE}/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html"
)
# A resource that fails by itself: nobody sends what it waits for.
HANDLE: Final = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
NEVER: Final = {
    "Type": "AWS::CloudFormation::WaitCondition",
    "DependsOn": "Kept",
    "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "1"},
}


def table(name: str) -> dict[str, Any]:
    return {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "DeletionProtectionEnabled": True,
        },
    }


def pool(name: str) -> dict[str, Any]:
    properties = {"UserPoolName": name, "DeletionProtection": "ACTIVE"}
    return {"Type": "AWS::Cognito::UserPool", "Properties": properties}


def group(name: str) -> dict[str, Any]:
    properties = {"LogGroupName": name, "DeletionProtectionEnabled": True}
    return {"Type": "AWS::Logs::LogGroup", "Properties": properties}


KINDS: Final = {
    "table": (
        table,
        "Resource cannot be deleted as it is currently protected against deletion.",
    ),
    "user pool": (pool, "deletion protection is activated"),
    "log group": (group, "protect"),
}


def failing(kind: str, name: str) -> dict[str, Any]:
    """A template that makes something protected, and fails afterwards."""
    kept = {**KINDS[kind][0](name), "DeletionPolicy": "RetainExceptOnCreate"}
    return {"Resources": {"Handle": HANDLE, "Kept": kept, "Late": NEVER}}


@fact(
    documented(
        POLICY,
        f"{GUIDE}/AWSCloudFormation/latest/UserGuide/view-stack-events-by-operation.html",
        "https://github.com/ekristen/aws-nuke/issues/451",
    ),
    seconds=60,
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_creation_cannot_take_back_what_is_protected(aws: Aws, kind: str) -> None:
    stack = aws.stack()
    name = aws.making(kind, aws.name("kept"))
    ended = stack.deploy(failing(kind, name), "CREATE")
    assert ended["StackStatus"] == "ROLLBACK_FAILED"
    assert "The following resource(s) failed to delete: [Kept]." in ended["StackStatusReason"]
    assert KINDS[kind][1] in stack.reasons()["Kept"]


@fact(
    documented(
        POLICY,
        "https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2055",
    ),
    seconds=90,
)
def test_an_update_that_goes_back_loses_sight_of_what_is_protected(aws: Aws) -> None:
    stack = aws.stack()
    name = aws.making("table", aws.name("kept"))
    before = {"Resources": {"Handle": HANDLE}}
    stack.create(before)
    ended = stack.deploy(failing("table", name))
    assert ended["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.resources() == {"Handle"}
    assert name in aws.client("dynamodb").list_tables()["TableNames"]
    lost = "Update successful. One or more resources could not be deleted."
    events = stack.api.describe_stack_events(StackName=stack.name)["StackEvents"]
    assert events[0].get("ResourceStatusReason") == lost


@fact(documented(POLICY), seconds=120)
def test_what_an_update_lost_sight_of_stands_in_the_way_of_the_next(aws: Aws) -> None:
    stack = aws.stack()
    name = aws.making("table", aws.name("kept"))
    stack.create({"Resources": {"Handle": HANDLE}})
    stack.deploy(failing("table", name))
    assert stack.deploy(failing("table", name))["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    events = stack.api.describe_stack_events(StackName=stack.name)["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"] == "CREATE_FAILED"]
    assert "already exists" in failed[0]["ResourceStatusReason"]
    assert not events[0].get("ResourceStatusReason")  # nothing was left behind this time
