from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.local.conftest import Account


@pytest.mark.parametrize(("pseudo", "made"), [("us-east-1", True), ("eu-west-1", False)])
def test_a_condition_on_the_region_decides_what_is_deployed(
    account: Account, pseudo: str, made: bool
) -> None:
    cloudformation = account.client("cloudformation")
    template: dict[str, Any] = {
        "Conditions": {"Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, pseudo]}},
        "Resources": {
            "Always": {"Type": "AWS::SQS::Queue"},
            "Sometimes": {"Type": "AWS::SQS::Queue", "Condition": "Here"},
        },
    }
    cloudformation.create_change_set(
        StackName="regional",
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateBody=json.dumps(template),
    )
    cloudformation.execute_change_set(StackName="regional", ChangeSetName="first")
    assert account.settled("regional")["StackStatus"] == "CREATE_COMPLETE"
    resources = cloudformation.describe_stack_resources(StackName="regional")["StackResources"]
    assert ("Sometimes" in {r["LogicalResourceId"] for r in resources}) is made


def test_a_value_that_a_new_parameter_gives_changes_only_where_it_is_another(
    account: Account,
) -> None:
    cloudformation = account.client("cloudformation")
    written: dict[str, Any] = {
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "jobs"}}}
    }
    cloudformation.create_stack(StackName="named", TemplateBody=json.dumps(written))
    account.settled("named")
    taken = {
        "Parameters": {"Name": {"Type": "String"}, "Days": {"Type": "Number"}},
        "Resources": {
            "Queue": {
                "Type": "AWS::SQS::Queue",
                "Properties": {
                    "QueueName": {"Ref": "Name"},
                    "MessageRetentionPeriod": {"Ref": "Days"},
                },
            }
        },
    }
    names = {}
    for name in ("jobs", "others"):
        parameters = {"Name": name, "Days": "86400"}
        cloudformation.create_change_set(
            StackName="named",
            ChangeSetName=name,
            TemplateBody=json.dumps(taken),
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
            ],
        )
        told = cloudformation.describe_change_set(StackName="named", ChangeSetName=name)
        (change,) = (one["ResourceChange"] for one in told["Changes"])
        changed = {detail["Target"]["Name"] for detail in change["Details"]}
        names[name] = (change["Replacement"], changed)
    assert names == {
        "jobs": ("False", {"MessageRetentionPeriod"}),
        "others": ("True", {"MessageRetentionPeriod", "QueueName"}),
    }
