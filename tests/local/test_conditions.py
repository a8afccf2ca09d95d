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
