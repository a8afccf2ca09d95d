"""What stacks refuse, in which state, and what becomes of them when something fails."""

from __future__ import annotations

import json
from typing import Any, Final

from tests.behaviour.account import Aws, Stack, policy, refused
from tests.behaviour.facts import documented, fact, unlike_here

API: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference"
GUIDE: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide"
HANDLE: Final = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
PLAIN: Final = {"Resources": {"Handle": HANDLE}}


def notes(**values: str) -> dict[str, Any]:
    """A template with a parameter of that value for each name."""
    return {
        "Resources": {
            name: {
                "Type": "AWS::SSM::Parameter",
                "Properties": {"Type": "String", "Value": value},
            }
            for name, value in values.items()
        }
    }


def failing(**more: Any) -> dict[str, Any]:
    """A template that fails after whatever else it has was made: nobody sends what it waits for."""
    broken = {
        "Type": "AWS::CloudFormation::WaitCondition",
        "DependsOn": list(more),
        "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "1"},
    }
    return {"Resources": {**more, "Handle": HANDLE, "Broken": broken}}


@fact(documented("https://github.com/compose-x/ecs_composex/issues/785"), seconds=30)
def test_what_is_there_is_not_created_again(aws: Aws) -> None:
    stack = aws.stack()
    stack.create(PLAIN)
    words = f"Stack [{stack.name}] already exists and cannot be created again with the changeSet"
    with refused("ValidationError", words):
        stack.change_set(PLAIN, "CREATE")


@fact(documented("https://github.com/aws/aws-cli/issues/6216"), seconds=60)
def test_what_failed_to_be_created_is_not_updated(aws: Aws) -> None:
    stack = aws.stack()
    assert stack.deploy(failing(), "CREATE")["StackStatus"] == "ROLLBACK_COMPLETE"
    with refused("ValidationError", "is in ROLLBACK_COMPLETE state and can not be updated"):
        stack.change_set(PLAIN)


@fact(documented("https://github.com/cfn-sphere/cfn-sphere/issues/28"), seconds=60)
def test_what_failed_to_be_created_is_deleted_before_it_is_created_again(aws: Aws) -> None:
    stack = aws.stack()
    assert stack.deploy(failing(), "CREATE")["StackStatus"] == "ROLLBACK_COMPLETE"
    with refused("ValidationError", "already exists and cannot be created again"):
        stack.change_set(PLAIN, "CREATE")


@fact(documented("https://github.com/aws/aws-cdk/pull/7731"))
def test_what_is_under_review_is_not_updated(aws: Aws) -> None:
    stack = aws.stack()
    stack.change_set(PLAIN, "CREATE")
    with refused("ValidationError", f"Stack [{stack.name}] does not exist"):
        stack.change_set(PLAIN)


@fact(documented("https://github.com/ansible-collections/amazon.aws/pull/1910"), seconds=60)
def test_what_is_in_progress_takes_no_change_set(aws: Aws) -> None:
    stack = aws.stack()
    made = stack.change_set(failing(Table=kept(aws)), "CREATE")
    stack.api.execute_change_set(ChangeSetName=made["ChangeSetId"])
    with refused("ValidationError", "IN_PROGRESS state and can not be updated"):
        stack.change_set(PLAIN)
    stack.at_rest()


@fact(documented("https://github.com/boto/boto3/issues/2327"))
def test_what_is_not_there_is_not_updated(aws: Aws) -> None:
    stack = aws.stack()
    with refused("ValidationError", f"Stack [{stack.name}] does not exist"):
        stack.change_set(PLAIN)


@fact(documented(f"{API}/API_CreateChangeSet.html"))
def test_a_change_set_for_a_new_stack_leaves_it_under_review(aws: Aws) -> None:
    stack = aws.stack()
    stack.change_set(PLAIN, "CREATE")
    assert stack.status == "REVIEW_IN_PROGRESS"


@fact(documented(f"{API}/API_ExecuteChangeSet.html"), seconds=45)
def test_what_is_executed_takes_the_other_change_sets_with_it(aws: Aws) -> None:
    stack = aws.stack()
    stack.create(notes(Note="a"))
    other = stack.change_set(notes(Note="b"))
    stack.deploy(notes(Note="c"))
    with refused("ChangeSetNotFound"):
        stack.api.execute_change_set(ChangeSetName=other["ChangeSetId"])


@fact(documented(f"{GUIDE}/using-cfn-protect-stacks.html"), seconds=30)
def test_a_protected_stack_is_not_deleted(aws: Aws) -> None:
    stack = aws.stack()
    stack.create(PLAIN)
    stack.api.update_termination_protection(StackName=stack.name, EnableTerminationProtection=True)
    with refused("ValidationError", "cannot be deleted while TerminationProtection is enabled"):
        stack.api.delete_stack(StackName=stack.name)


@fact(documented(f"{API}/API_CancelUpdateStack.html"), seconds=30)
def test_only_an_update_is_cancelled(aws: Aws) -> None:
    stack = aws.stack()
    stack.create(PLAIN)
    with refused("ValidationError", "CancelUpdateStack cannot be called from current stack status"):
        stack.api.cancel_update_stack(StackName=stack.name)


@fact(documented(f"{API}/API_ExecuteChangeSet.html"))
def test_what_happens_on_failure_is_said_once(aws: Aws) -> None:
    stack = aws.stack()
    made = stack.change_set(PLAIN, "CREATE", OnStackFailure="ROLLBACK")
    with refused("ValidationError"):
        stack.api.execute_change_set(ChangeSetName=made["ChangeSetId"], DisableRollback=True)


@fact(documented(f"{GUIDE}/cloudformation-limits.html"))
def test_a_template_of_more_than_51200_bytes_comes_from_s3(aws: Aws) -> None:
    with refused("ValidationError", "'templateBody'", "less than or equal to 51200"):
        aws.stack().change_set({**PLAIN, "Description": "x", "Metadata": {"x": "x" * 51_200}})


@fact(documented(f"{API}/API_CreateChangeSet.html"))
def test_parameters_that_the_template_does_not_have_are_refused(aws: Aws) -> None:
    with refused("ValidationError", "Parameters: [None] do not exist in the template"):
        aws.stack().change_set(PLAIN, "CREATE", parameters={"None": "x"})


@fact(documented(f"{API}/API_CreateChangeSet.html"))
def test_named_roles_need_a_capability(aws: Aws) -> None:
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": aws.name("role"),
            "AssumeRolePolicyDocument": json.loads(policy()),
        },
    }
    with refused("InsufficientCapabilitiesException", "[CAPABILITY_NAMED_IAM]"):
        aws.stack().change_set(
            {"Resources": {"Role": role}}, "CREATE", Capabilities=["CAPABILITY_IAM"]
        )


@fact(documented(f"{API}/API_CreateChangeSet.html"), seconds=45)
def test_outputs_alone_are_a_change_set_without_changes(aws: Aws) -> None:
    stack = aws.stack()
    stack.create(PLAIN)
    told = {**PLAIN, "Outputs": {"Told": {"Value": "x"}}}
    made = stack.change_set(told)
    assert (made["Status"], made["Changes"]) == ("CREATE_COMPLETE", [])
    stack.api.execute_change_set(ChangeSetName=made["ChangeSetId"])
    assert stack.at_rest()["Outputs"][0]["OutputValue"] == "x"


@fact(documented(f"{GUIDE}/protect-stack-resources.html"), seconds=60)
def test_a_stack_policy_denies_an_update(aws: Aws) -> None:
    stack = aws.stack()
    stack.create(notes(Note="a"))
    everything = {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}
    kept = {**everything, "Effect": "Deny", "Resource": "LogicalResourceId/Note"}
    stack.api.set_stack_policy(StackName=stack.name, StackPolicyBody=policy(everything, kept))
    assert stack.deploy(notes(Note="b"))["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "denied by stack policy" in stack.reasons()["Note"]


def kept(aws: Aws) -> dict[str, Any]:
    """A table that stays when its stack goes, but not when it could not be created."""
    name = aws.making("table", aws.name("table"))
    return {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": "RetainExceptOnCreate",
        "Properties": {
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        },
    }


def tables(aws: Aws) -> set[str]:
    pages = aws.client("dynamodb").get_paginator("list_tables").paginate()
    return {name for page in pages for name in page["TableNames"]}


RETAINED: Final = (
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
    "aws-attribute-deletionpolicy.html"
)


@fact(documented(RETAINED), seconds=90)
def test_what_is_kept_except_on_creation_goes_when_the_creation_fails(aws: Aws) -> None:
    stack, table = aws.stack(), kept(aws)
    assert stack.deploy(failing(Table=table), "CREATE")["StackStatus"] == "ROLLBACK_COMPLETE"
    assert table["Properties"]["TableName"] not in tables(aws)


@fact(documented(RETAINED), seconds=90)
def test_what_is_kept_stays_when_its_stack_goes(aws: Aws) -> None:
    stack, table = aws.stack(), kept(aws)
    identifier = stack.create({"Resources": {"Table": table}})["StackId"]
    stack.api.delete_stack(StackName=stack.name)
    assert Stack(aws, identifier).at_rest()["StackStatus"] == "DELETE_COMPLETE"
    assert table["Properties"]["TableName"] in tables(aws)


@fact(documented(f"{GUIDE}/using-iam-servicerole.html"), seconds=90)
@unlike_here("stacks of the local AWS have no role: it does everything in its own name")
def test_a_role_that_was_passed_once_stays(aws: Aws) -> None:
    role = aws.service_role("cloudformation")
    aws.settle()
    stack = aws.stack()
    stack.create(PLAIN, RoleARN=role)
    stack.deploy({"Resources": {"Handle": HANDLE, "Another": HANDLE}})
    assert stack.described_now().get("RoleARN") == role


@fact(documented(f"{API}/API_DescribeEvents.html"), seconds=60)
@unlike_here("the local AWS tells events of validation only, and no operations")
def test_events_are_told_by_operation(aws: Aws) -> None:
    stack = aws.stack()
    stack.deploy(failing(), "CREATE")
    operations = {one["OperationType"]: one["OperationId"] for one in stack.operations()}
    assert {"CREATE_STACK", "ROLLBACK"} <= operations.keys()
    told = stack.api.describe_events(OperationId=operations["CREATE_STACK"])["OperationEvents"]
    assert "Broken" in {event.get("LogicalResourceId") for event in told}
