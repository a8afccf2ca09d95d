"""What a change set tells before anything is done, and how it is asked for."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.behaviour.account import Aws, changes, refused
from tests.behaviour.facts import documented, fact, unlike_here

API: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference"
RECORDED: Final = (
    "https://github.com/localstack/localstack/blob/main/tests/aws/services/cloudformation"
)
PARAMETER: Final = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "1"}}
HANDLE: Final = {"Type": "AWS::CloudFormation::WaitConditionHandle"}


def switched(value: Any) -> dict[str, Any]:
    """A template with something that is there where the parameter Nat is not `none`."""
    return {
        "Parameters": {"Nat": {"Type": "String"}},
        "Conditions": {"HasNat": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Nat"}, "none"]}]}},
        "Resources": {
            "Always": HANDLE,
            "Gateway": {**PARAMETER, "Condition": "HasNat"},
            "Route": {
                **PARAMETER,
                "Properties": {"Type": "String", "Value": value},
            },
        },
    }


CHOSEN: Final = {"Fn::If": ["HasNat", "through the gateway", "nowhere"]}


@fact(documented(f"{RECORDED}/test_change_sets.snapshot.json"), seconds=45)
@pytest.mark.parametrize(
    ("before", "after", "action"), [("single", "none", "Remove"), ("none", "single", "Add")]
)
def test_a_changed_parameter_adds_and_removes_what_its_condition_decides_about(
    aws: Aws, before: str, after: str, action: str
) -> None:
    stack = aws.stack()
    template = switched("the same")
    stack.create(template, parameters={"Nat": before})
    change_set = stack.change_set(template, parameters={"Nat": after})
    told = changes(change_set)
    assert list(told) == ["Gateway"]
    assert (told["Gateway"]["Action"], told["Gateway"]["Details"]) == (action, [])
    stack.api.execute_change_set(ChangeSetName=change_set["ChangeSetId"])
    assert stack.at_rest()["StackStatus"] == "UPDATE_COMPLETE"
    assert ("Gateway" in stack.resources()) is (action == "Add")


@fact(documented(f"{API}/API_ResourceChangeDetail.html"), seconds=45)
def test_a_property_that_takes_another_branch_of_an_if_changes(aws: Aws) -> None:
    stack = aws.stack()
    stack.create(switched(CHOSEN), parameters={"Nat": "single"})
    told = changes(stack.change_set(switched(CHOSEN), parameters={"Nat": "none"}))
    assert {name: change["Action"] for name, change in told.items()} == {
        "Gateway": "Remove",
        "Route": "Modify",
    }
    assert {detail["Target"]["Name"] for detail in told["Route"]["Details"]} == {"Value"}


@fact(documented(f"{RECORDED}/test_change_set_conditions.snapshot.json"), seconds=45)
def test_a_condition_that_the_template_turns_false_removes(aws: Aws) -> None:
    stack = aws.stack()
    stack.create(switched("the same"), parameters={"Nat": "single"})
    turned = switched("the same")
    turned["Conditions"]["HasNat"] = {"Fn::Equals": ["true", "false"]}
    told = changes(stack.change_set(turned, parameters={"Nat": "single"}))
    assert {name: change["Action"] for name, change in told.items()} == {"Gateway": "Remove"}


@fact(documented(f"{RECORDED}/test_change_sets.snapshot.json"), seconds=45)
def test_a_change_names_the_parameter_that_causes_it(aws: Aws) -> None:
    stack = aws.stack()
    stack.create(switched({"Ref": "Nat"}), parameters={"Nat": "single"})
    told = changes(stack.change_set(switched({"Ref": "Nat"}), parameters={"Nat": "per-az"}))
    causes = {
        (detail["ChangeSource"], detail.get("CausingEntity")) for detail in told["Route"]["Details"]
    }
    assert causes == {("ParameterReference", "Nat"), ("DirectModification", None)}


@fact(documented(f"{API}/API_ResourceChangeDetail.html"), seconds=45)
def test_a_value_that_comes_from_a_parameter_now_and_is_the_same_does_not_change(aws: Aws) -> None:
    stack = aws.stack()
    stack.create(switched("single"), parameters={"Nat": "single"})
    body = switched({"Ref": "Value"})
    body["Parameters"]["Value"] = {"Type": "String"}
    body["Resources"]["Other"] = HANDLE
    same = stack.change_set(body, parameters={"Nat": "single", "Value": "single"})
    assert list(changes(same)) == ["Other"]
    another = stack.change_set(body, parameters={"Nat": "single", "Value": "another"})
    assert list(changes(another)) == ["Other", "Route"]


@fact(documented(f"{API}/API_CreateChangeSet.html"))
def test_a_request_with_the_same_client_token_gives_the_same_change_set(aws: Aws) -> None:
    stack = aws.stack()
    request = stack.request({"Resources": {"Always": HANDLE}}, "CREATE", ClientToken="once")
    first = stack.api.create_change_set(**request)
    again = stack.api.create_change_set(**request)
    assert (again["Id"], again["StackId"]) == (first["Id"], first["StackId"])
    assert len(stack.api.list_change_sets(StackName=stack.name)["Summaries"]) == 1


@fact(documented("https://github.com/aws/aws-cdk-cli/pull/1404"))
def test_another_client_token_for_the_same_name_is_refused(aws: Aws) -> None:
    stack = aws.stack()
    request = stack.request({"Resources": {"Always": HANDLE}}, "CREATE", ClientToken="once")
    stack.api.create_change_set(**request)
    with refused(
        "AlreadyExistsException",
        f"ChangeSet {request['ChangeSetName']} cannot be created due to a mismatch with existing "
        "attribute ClientToken",
    ):
        stack.api.create_change_set(**{**request, "ClientToken": "twice"})


@fact(documented("https://github.com/saksdirect/nova/issues/10"))
def test_another_template_with_the_same_client_token_is_refused(aws: Aws) -> None:
    stack = aws.stack()
    request = stack.request({"Resources": {"Always": HANDLE}}, "CREATE", ClientToken="once")
    stack.api.create_change_set(**request)
    other = stack.request({"Resources": {"Other": HANDLE}}, "CREATE")["TemplateBody"]
    with refused("AlreadyExistsException", "mismatch with existing attribute Template"):
        stack.api.create_change_set(**{**request, "TemplateBody": other})


@fact(documented(f"{RECORDED}/test_change_sets.snapshot.json"), seconds=30)
def test_no_changes_are_a_failed_change_set(aws: Aws) -> None:
    stack = aws.stack()
    template = {"Resources": {"Always": HANDLE}}
    stack.create(template)
    change_set = stack.change_set(template)
    assert (change_set["Status"], change_set["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert change_set["StatusReason"] == (
        "The submitted information didn't contain changes. "
        "Submit different information to create a change set."
    )


@fact(documented(f"{RECORDED}/test_change_sets.snapshot.json"), seconds=30)
@unlike_here("the local AWS tells no values; tapgen works them out from the template")
def test_a_change_set_tells_values_before_and_after(aws: Aws) -> None:
    stack = aws.stack()
    stack.create(switched({"Ref": "Nat"}), parameters={"Nat": "single"})
    made = stack.change_set(switched({"Ref": "Nat"}), parameters={"Nat": "per-az"})
    told = stack.api.describe_change_set(
        ChangeSetName=made["ChangeSetId"], IncludePropertyValues=True
    )
    values = {
        (detail["Target"].get("BeforeValue"), detail["Target"].get("AfterValue"))
        for detail in changes(told)["Route"]["Details"]
    }
    assert ("single", "per-az") in values


@fact(
    documented(
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/drift-aware-change-sets.html"
    ),
    seconds=60,
)
@unlike_here("the local AWS makes ordinary change sets of those that would revert drift")
def test_a_change_set_can_revert_drift(aws: Aws) -> None:
    stack = aws.stack()
    name = aws.name("note")
    properties = {"Type": "String", "Value": "declared", "Name": name}
    given = {"Resources": {"Note": {**PARAMETER, "Properties": properties}}}
    stack.create(given)
    aws.client("ssm").put_parameter(Name=name, Type="String", Value="drifted", Overwrite=True)
    made = stack.change_set(given, DeploymentMode="REVERT_DRIFT")
    assert list(changes(made)) == ["Note"]
