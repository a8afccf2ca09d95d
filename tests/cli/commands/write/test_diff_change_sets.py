"""Predictions agree with the change sets of the local AWS, which knows replacements by itself.

It has a table of its own, made from the AWS documentation; where that is silent it falls back to
provider schemas, or says "Conditional" of everything. Interruptions are none of a change set's.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from tapgen.review.diff.causes import Context
from tapgen.review.diff.comparison import compare
from tapgen.review.diff.effect import Effect
from tapgen.review.diff.snapshot import from_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.local.client import LocalAws

ACCOUNT, REGION, NAME = "686868686868", "us-east-1", "agreement"
ROLE = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
RESOURCES: dict[str, dict[str, Any]] = {
    "Table": {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": "agreement",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    },
    "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "agreement"}},
    "Queue": {
        "Type": "AWS::SQS::Queue",
        "Properties": {"QueueName": "agreement", "MessageRetentionPeriod": 60},
    },
    "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "agreement-bucket"}},
    "Logs": {
        "Type": "AWS::Logs::LogGroup",
        "Properties": {"LogGroupName": "agreement", "RetentionInDays": 7},
    },
    "Role": {
        "Type": "AWS::IAM::Role",
        "Properties": {"RoleName": "agreement", "AssumeRolePolicyDocument": ROLE},
    },
    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.9.0.0/16"}},
    "Subnet": {
        "Type": "AWS::EC2::Subnet",
        "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.9.1.0/24"},
    },
    "Alarm": {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": "agreement",
            "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": 1,
            "MetricName": "Errors",
            "Namespace": "AWS/Lambda",
            "Period": 60,
            "Statistic": "Sum",
            "Threshold": 1,
        },
    },
    "Key": {"Type": "AWS::KMS::Key", "Properties": {"Description": "a", "KeyPolicy": {}}},
    "Alias": {
        "Type": "AWS::KMS::Alias",
        "Properties": {"AliasName": "alias/agreement", "TargetKeyId": {"Ref": "Key"}},
    },
}
CHANGES = [
    ("Table", "BillingMode", "PROVISIONED"),
    ("Table", "TableName", "other"),
    ("Table", "KeySchema", [{"AttributeName": "other", "KeyType": "HASH"}]),
    ("Topic", "DisplayName", "other"),
    ("Topic", "TopicName", "other"),
    ("Queue", "MessageRetentionPeriod", 120),
    ("Queue", "QueueName", "other"),
    ("Bucket", "BucketName", "other-bucket"),
    ("Bucket", "Tags", [{"Key": "a", "Value": "b"}]),
    ("Logs", "RetentionInDays", 30),
    ("Logs", "LogGroupName", "other"),
    ("Role", "Description", "other"),
    ("Role", "RoleName", "other"),
    ("Vpc", "CidrBlock", "10.8.0.0/16"),
    ("Vpc", "EnableDnsHostnames", True),
    ("Subnet", "CidrBlock", "10.9.2.0/24"),
    ("Subnet", "MapPublicIpOnLaunch", False),
    ("Alarm", "AlarmName", "other"),
    ("Alarm", "Threshold", 2),
    ("Key", "Description", "other"),
    ("Alias", "AliasName", "alias/other"),
]
# AWS's schema calls it conditional, so the change set leaves open what can only be a replacement.
UNDECIDED = {("Table", "KeySchema"): "Conditional"}
REPLACEMENT = {
    Effect.IN_PLACE: "False",
    Effect.INTERRUPTION: "False",
    Effect.REPLACEMENT: "True",
    Effect.DATA_LOSS: "True",
}


def template(logical_id: str = "", name: str = "", value: Any = None) -> str:
    resources = json.loads(json.dumps(RESOURCES))
    if logical_id:
        resources[logical_id]["Properties"][name] = value
    return json.dumps({"Resources": resources})


def predicted(before: str, after: str) -> dict[str, Effect]:
    """Logical id -> effect."""
    stack = {
        "StackName": NAME,
        "Environment": "dev",
        "Layer": "data",
        "Account": ACCOUNT,
        "Region": REGION,
        "Template": "data.json",
        "Parameters": {},
        "Inputs": {},
        "Tags": {},
        "StackPolicy": {},
        "TerminationProtection": False,
    }
    old, new = (
        from_files({"data.json": text, "dev/data.json": json.dumps(stack)}, "")["dev"]
        for text in (before, after)
    )
    found = compare("dev", old, new, Context({}, ""))
    return {change.logical_id: change.effect for change in found.resources}


@pytest.fixture(scope="module")
def cloudformation(local_aws: LocalAws) -> Iterator[Any]:
    client = boto3.session.Session().client(
        "cloudformation",
        endpoint_url=local_aws.endpoint_url,
        region_name=REGION,
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="local",
    )
    client.create_stack(
        StackName=NAME, TemplateBody=template(), Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    client.get_waiter("stack_create_complete").wait(
        StackName=NAME, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    yield client
    client.delete_stack(StackName=NAME)


@pytest.mark.slow
@pytest.mark.parametrize(("logical_id", "name", "value"), CHANGES)
def test_the_change_set_says_the_same(
    cloudformation: Any, logical_id: str, name: str, value: Any
) -> None:
    after = template(logical_id, name, value)
    change_set = f"set-{logical_id}-{name}"
    cloudformation.create_change_set(
        StackName=NAME,
        ChangeSetName=change_set,
        TemplateBody=after,
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    cloudformation.get_waiter("change_set_create_complete").wait(
        StackName=NAME, ChangeSetName=change_set, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    answer = cloudformation.describe_change_set(StackName=NAME, ChangeSetName=change_set)
    reported = {
        change["ResourceChange"]["LogicalResourceId"]: change["ResourceChange"]["Replacement"]
        for change in answer["Changes"]
    }
    found = predicted(template(), after)
    assert found[logical_id] in REPLACEMENT
    expected = UNDECIDED.get((logical_id, name), REPLACEMENT[found[logical_id]])
    assert reported[logical_id] == expected
