"""What AWS refuses is refused here; what goes wrong can be made to go wrong."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tapgen.local import client, minutes
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.local.conftest import Account


def queue(**properties: Any) -> dict[str, Any]:
    return {"Queue": {"Type": "AWS::SQS::Queue", "Properties": properties}}


ROLE = {
    "AssumeRolePolicyDocument": {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
}
TABLE = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def test_unknown_parameters_and_dangling_references_are_refused(account: Account) -> None:
    cloudformation = account.client("cloudformation")

    def create(template: dict[str, Any], **options: Any) -> None:
        cloudformation.create_change_set(
            StackName="s",
            ChangeSetName="c",
            ChangeSetType="CREATE",
            TemplateBody=json.dumps(template),
            **options,
        )

    with pytest.raises(ClientError, match=r"Parameters: \[Nope\] do not exist in the template"):
        create(
            {"Resources": queue()},
            Parameters=[{"ParameterKey": "Nope", "ParameterValue": "1"}],
        )
    for template, block in (
        ({"Resources": queue(QueueName={"Ref": "Gone"})}, "Resources"),
        ({"Resources": queue(), "Outputs": {"O": {"Value": {"Ref": "Gone"}}}}, "Outputs"),
    ):
        with pytest.raises(ClientError, match=rf"dependencies \[Gone\] in the {block} block"):
            create(template)
    assert account.status("s") is None


@pytest.mark.parametrize(
    ("properties", "needed"),
    [(ROLE, "CAPABILITY_IAM"), ({**ROLE, "RoleName": "named"}, "CAPABILITY_NAMED_IAM")],
)
def test_capabilities_are_asked_for(
    account: Account, properties: dict[str, Any], needed: str
) -> None:
    resources = {"Role": {"Type": "AWS::IAM::Role", "Properties": properties}}
    with pytest.raises(ClientError, match=needed):
        account.change_set("s", resources, Capabilities=[])
    assert account.deploy("s", resources, Capabilities=[needed])["StackStatus"].startswith("CREATE")


TAKEN = [
    ("AWS::CloudWatch::Dashboard", {"DashboardName": "name", "DashboardBody": "{}"}),
    (
        "AWS::CloudWatch::Alarm",
        {
            "AlarmName": "name",
            "MetricName": "Errors",
            "Namespace": "AWS/Lambda",
            "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "Period": 60,
            "Statistic": "Sum",
        },
    ),
    ("AWS::DynamoDB::Table", {**TABLE, "TableName": "name"}),
    ("AWS::IAM::Role", {**ROLE, "RoleName": "name"}),
    ("AWS::Logs::LogGroup", {"LogGroupName": "name"}),
    ("AWS::SecretsManager::Secret", {"Name": "name", "SecretString": "x"}),
    ("AWS::SNS::Topic", {"TopicName": "name"}),
    ("AWS::SQS::Queue", {"QueueName": "name"}),
]


@pytest.mark.parametrize(("kind", "properties"), TAKEN, ids=[kind for kind, _ in TAKEN])
def test_a_name_that_is_taken_fails_the_create_and_keeps_what_is_there(
    account: Account, kind: str, properties: dict[str, Any]
) -> None:
    resources = {"Thing": {"Type": kind, "Properties": properties}}
    assert account.deploy("first", resources)["StackStatus"] == "CREATE_COMPLETE"
    assert account.deploy("second", resources)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "'name' already exists" in account.reasons("second")["Thing"]
    assert account.delete("first")["StackStatus"] == "DELETE_COMPLETE"
    # The failed create took nothing with it, so the first stack could still delete its own.
    time.sleep(minutes.MINUTE_SECONDS)  # a queue's name is free again a minute after
    assert account.deploy("third", resources)["StackStatus"] == "CREATE_COMPLETE"


def test_nothing_to_change_fails_the_change_set_with_the_reason_aws_gives(account: Account) -> None:
    account.deploy("s", queue())
    again = account.change_set("s", queue())
    assert (again["Status"], again["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert "didn't contain changes" in again["StatusReason"]


def test_a_protected_stack_is_not_deleted(account: Account) -> None:
    account.deploy("s", queue())
    account.client("cloudformation").update_termination_protection(
        StackName="s", EnableTerminationProtection=True
    )
    with pytest.raises(ClientError, match="TerminationProtection is enabled"):
        account.delete("s")


def policy(*statements: dict[str, Any]) -> str:
    everything = {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}
    return json.dumps({"Statement": [everything, *statements]})


def deny(**statement: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Principal": "*", **statement}


ONE = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "one"}}


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        (deny(Action="Update:Modify", Resource="LogicalResourceId/Queue"), "ROLLBACK"),
        (deny(Action=["Update:*"], Resource="*"), "ROLLBACK"),
        (
            deny(
                Action="Update:*",
                Resource="*",
                Condition={"StringEquals": {"ResourceType": ["AWS::SQS::Queue"]}},
            ),
            "ROLLBACK",
        ),
        (deny(NotAction="Update:Replace", Resource="*"), "ROLLBACK"),
        (deny(Action="Update:Replace", Resource="*"), "UPDATE_COMPLETE"),
        (deny(Action="Update:*", Resource="LogicalResourceId/Other"), "UPDATE_COMPLETE"),
        (deny(Action="Update:*", NotResource="LogicalResourceId/Queue"), "UPDATE_COMPLETE"),
    ],
)
def test_a_stack_policy_decides_over_an_update(
    account: Account, statement: dict[str, Any], status: str
) -> None:
    account.deploy("s", {"Queue": ONE})
    account.client("cloudformation").set_stack_policy(
        StackName="s", StackPolicyBody=policy(statement)
    )
    changed = {**ONE, "Properties": {"QueueName": "one", "VisibilityTimeout": 60}}
    assert status in account.deploy("s", {"Queue": changed})["StackStatus"]
    assert account.delete("s")["StackStatus"] == "DELETE_COMPLETE"


def test_a_stack_policy_tells_replacement_from_modification_and_keeps_what_may_not_go(
    account: Account,
) -> None:
    other = {"Other": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "other"}}}
    account.deploy("s", {"Queue": ONE, **other})
    denied = deny(Action=["Update:Replace", "Update:Delete"], Resource="*")
    account.client("cloudformation").set_stack_policy(StackName="s", StackPolicyBody=policy(denied))

    renamed = {**ONE, "Properties": {"QueueName": "two"}}
    assert account.deploy("s", {"Queue": renamed, **other})["StackStatus"] == (
        "UPDATE_ROLLBACK_COMPLETE"
    )
    assert "[Update:Replace]" in account.reasons("s")["Queue"]
    account.deploy("s", {"Queue": {**ONE, "Metadata": {"a": 1}}})
    assert "[Update:Delete]" in account.reasons("s")["Other"]
    assert account.client("sqs").get_queue_url(QueueName="other")["QueueUrl"]


def test_a_failed_create_rolls_back_and_keeps_what_the_template_retains(account: Account) -> None:
    resources = {
        "Kept": {"Type": "AWS::SQS::Queue", "DeletionPolicy": "Retain"},
        "Gone": {"Type": "AWS::SQS::Queue", "DeletionPolicy": "RetainExceptOnCreate"},
        "Bad": {"Type": "AWS::SQS::Queue", "DependsOn": ["Kept", "Gone"]},
    }
    client.inject(account.local, {"create:Bad": "out of luck"})
    try:
        stack = account.deploy("s", resources)
    finally:
        client.inject(account.local, {})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert account.reasons("s")["Bad"] == "out of luck"
    urls = account.client("sqs").list_queues()["QueueUrls"]
    assert [url for url in urls if "Kept" in url] == urls


def test_what_resists_a_rollback_is_still_a_resource_of_the_stack(account: Account) -> None:
    resources = {**queue(), "Bad": {"Type": "AWS::SQS::Queue", "DependsOn": "Queue"}}
    client.inject(account.local, {"create:Bad": "out of luck", "delete:Queue": "it clings"})
    try:
        stack = account.deploy("s", resources)
    finally:
        client.inject(account.local, {})
    assert stack["StackStatus"] == "ROLLBACK_FAILED"
    listed = account.client("cloudformation").describe_stack_resources(StackName="s")
    statuses = {one["LogicalResourceId"]: one["ResourceStatus"] for one in listed["StackResources"]}
    assert statuses["Queue"] == "DELETE_FAILED"
    assert account.delete("s")["StackStatus"] == "DELETE_COMPLETE"
    assert account.client("sqs").list_queues().get("QueueUrls", []) == []


def test_outputs_alone_are_a_change_and_nothing_is_none(account: Account) -> None:
    account.deploy("s", queue())
    nothing = account.change_set("s", queue())
    assert (nothing["Status"], nothing["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    stack = account.deploy("s", queue(), outputs={"Answer": "42"})
    assert (stack["StackStatus"], stack["Outputs"]) == ("UPDATE_COMPLETE", {"Answer": "42"})


@pytest.mark.parametrize(
    ("operation", "status"),
    [("update:Queue", "UPDATE_ROLLBACK_COMPLETE"), ("delete:Queue", "DELETE_FAILED")],
)
def test_updates_and_deletes_fail_on_demand(account: Account, operation: str, status: str) -> None:
    account.deploy("s", queue())
    client.inject(account.local, {operation: "not today"})
    try:
        if operation.startswith("update"):
            stack = account.deploy("s", queue(VisibilityTimeout=60))
        else:
            stack = account.delete("s")
    finally:
        client.inject(account.local, {})
    assert stack["StackStatus"] == status
    assert account.reasons(stack["StackId"])["Queue"] == "not today"


def test_what_is_held_is_in_progress_until_it_is_let_go_of(account: Account) -> None:
    client.inject(account.local, {"hold": ["create:Queue"]})
    try:
        change_set = account.change_set("s", queue())
        cloudformation = account.client("cloudformation")
        cloudformation.execute_change_set(ChangeSetName=change_set["ChangeSetId"])
        seen = {event["ResourceStatus"] for event in account.events("s")}
        assert account.status("s") == "CREATE_IN_PROGRESS"
        assert "CREATE_COMPLETE" not in seen
    finally:
        client.inject(account.local, {})
    assert account.settled("s")["StackStatus"] == "CREATE_COMPLETE"


@pytest.mark.parametrize("held", ["First", "Second"])
def test_a_stack_that_is_deleted_while_it_is_created_stays_deleted(
    account: Account, held: str
) -> None:
    topic = {"Type": "AWS::SNS::Topic"}
    second = {"Second": {**topic, "DependsOn": "First"}}
    client.inject(account.local, {"hold": [f"create:{held}"]})
    try:
        change_set = account.change_set("s", {"First": topic, **second})
        cloudformation = account.client("cloudformation")
        cloudformation.execute_change_set(ChangeSetName=change_set["ChangeSetId"])
        wait_until(lambda: any(e["LogicalResourceId"] == held for e in account.events("s")))
        cloudformation.delete_stack(StackName="s")
        wait_until(lambda: account.status("s") == "DELETE_IN_PROGRESS")
    finally:
        client.inject(account.local, {})
    stack = change_set["StackId"]
    assert account.settled(stack)["StackStatus"] == "DELETE_COMPLETE"
    assert account.reasons(stack) == {held: "Resource creation cancelled"}
    assert account.client("sns").list_topics()["Topics"] == []


def test_an_update_tells_of_what_it_touched_made_and_removed_and_of_nothing_else(
    account: Account,
) -> None:
    def stack(**timeouts: int) -> dict[str, Any]:
        return {
            name: {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": timeout}}
            for name, timeout in timeouts.items()
        }

    account.deploy("s", stack(NoChange=1, Changed=1, Removed=1))
    before = len(account.events("s"))
    account.deploy("s", stack(NoChange=1, Changed=2, Made=1))
    told = [
        (event["LogicalResourceId"], event["ResourceStatus"])
        for event in account.events("s")[before:]
        if event["LogicalResourceId"] != "s"
    ]
    assert sorted(told) == [
        ("Changed", "UPDATE_COMPLETE"),
        ("Changed", "UPDATE_IN_PROGRESS"),
        ("Made", "CREATE_COMPLETE"),
        ("Made", "CREATE_IN_PROGRESS"),
        ("Removed", "DELETE_COMPLETE"),
        ("Removed", "DELETE_IN_PROGRESS"),
    ]


@pytest.mark.parametrize(
    ("kind", "before", "after", "replacement"),
    [
        ("AWS::Logs::LogGroup", {"LogGroupName": "a"}, {"LogGroupName": "b"}, "True"),
        (
            "AWS::Logs::LogGroup",
            {"LogGroupName": "a"},
            {"LogGroupName": "a", "RetentionInDays": 7},
            "False",
        ),
        ("AWS::S3::Bucket", {"BucketName": "bucket-a"}, {"BucketName": "bucket-b"}, "True"),
        ("AWS::DynamoDB::Table", TABLE, {**TABLE, "TableName": "named"}, "True"),
    ],
)
def test_a_change_set_says_truthfully_what_is_replaced(
    account: Account, kind: str, before: dict[str, Any], after: dict[str, Any], replacement: str
) -> None:
    account.deploy("s", {"Thing": {"Type": kind, "Properties": before}})
    changes = account.change_set("s", {"Thing": {"Type": kind, "Properties": after}})["Changes"]
    assert [change["ResourceChange"]["Replacement"] for change in changes] == [replacement]


@pytest.mark.parametrize("written", ["Second.TopicName", ["Second", "TopicName"]])
def test_a_change_set_sees_that_another_attribute_is_taken(account: Account, written: Any) -> None:
    def resources(attribute: Any) -> dict[str, Any]:
        return {
            "First": {"Type": "AWS::SNS::Topic"},
            "Second": {"Type": "AWS::SNS::Topic"},
            "Queue": queue(Tags=[{"Key": "topic", "Value": {"Fn::GetAtt": attribute}}])["Queue"],
        }

    account.deploy("s", resources(["First", "TopicName"]))
    changes = account.change_set("s", resources(written))["Changes"]
    assert [change["ResourceChange"]["LogicalResourceId"] for change in changes] == ["Queue"]


def test_accounts_and_regions_do_not_see_each_other(account: Account) -> None:
    account.deploy("s", queue(QueueName="mine"))
    elsewhere = account.client("cloudformation", region="eu-west-1")
    assert elsewhere.list_stacks()["StackSummaries"] == []
    other = type(account)(account.local, "999999999999")
    assert other.status("s") is None
    assert account.client("sts").get_caller_identity()["Account"] == account.id


def test_a_request_that_comes_twice_makes_one_change_set(account: Account) -> None:
    first = account.change_set("s", queue(), ChangeSetName="set", ClientToken="one")
    second = account.change_set("s", queue(), ChangeSetName="set", ClientToken="one")
    assert second["ChangeSetId"] == first["ChangeSetId"]
    with pytest.raises(ClientError, match="mismatch with existing attribute ClientToken"):
        account.change_set("s", queue(), ChangeSetName="set", ClientToken="two")
    deleted = account.client("cloudformation").delete_change_set
    deleted(StackName="s", ChangeSetName="set")
    third = account.change_set("s", queue(), ChangeSetName="set", ClientToken="one")
    assert third["ChangeSetId"] != first["ChangeSetId"]


def test_a_second_change_set_keeps_the_stack_under_review_and_the_first(account: Account) -> None:
    first = account.change_set("s", queue())
    second = account.change_set("s", queue(VisibilityTimeout=60))
    assert first["StackId"] == second["StackId"]
    cloudformation = account.client("cloudformation")
    cloudformation.execute_change_set(ChangeSetName=first["ChangeSetId"])
    assert account.settled("s")["StackStatus"] == "CREATE_COMPLETE"
    assert account.settled("s")["StackId"] == first["StackId"]
