"""Change sets that the local AWS cannot describe: answers in the form of the service model."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.cloudformation.answers import change
from tapgen.aws.cloudformation.api import CloudFormation
from tapgen.aws.cloudformation.descriptions import Description, changes_of
from tapgen.errors import TapgenError
from tapgen.model.changes.change import KNOWN_AFTER_APPLY, Change, PropertyChange

if TYPE_CHECKING:
    from botocore.stub import Stubber

ARN = "arn:aws:cloudformation:us-east-1:123456789012:changeSet/tapgen-1/0"
STACK_ID = "arn:aws:cloudformation:us-east-1:123456789012:stack/lab-data/0"
TABLE = "AWS::DynamoDB::Table"
LONG = "x" * 2000


def resource(action: str, logical_id: str, **more: Any) -> dict[str, Any]:
    base = {"Action": action, "LogicalResourceId": logical_id, "ResourceType": TABLE}
    return {"Type": "Resource", "ResourceChange": {**base, **more}}


def target(path: str, before: str | None, after: str | None, **more: Any) -> dict[str, Any]:
    values = {"BeforeValue": before, "AfterValue": after}
    told = {name: value for name, value in values.items() if value is not None}
    name = path.split("/")[2]
    return {"Attribute": "Properties", "Name": name, "Path": path, **told, **more}


def described(*changes: dict[str, Any], **more: Any) -> dict[str, Any]:
    base = {"ChangeSetId": ARN, "StackId": STACK_ID, "StackName": "lab-data"}
    state = {"Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE"}
    return {**base, **state, "Changes": list(changes), **more}


POLICIES = ["Delete", "Retain", "Snapshot", "ReplaceAndDelete", "ReplaceAndRetain"]


def test_every_action_and_policy_is_understood(
    aws: Stubber, cloudformation: CloudFormation
) -> None:
    actions = ["Add", "Modify", "Remove", "Import", "Dynamic", "SyncWithActual"]
    policies = [*POLICIES, "ReplaceAndSnapshot"]
    told = [
        resource(action, action, PolicyAction=policy, PhysicalResourceId=f"id-{action}")
        for action, policy in zip(actions, policies, strict=True)
    ]
    # The description with values dropped every resource, and says so.
    reason = "[WARN] --include-property-values option can return incomplete ChangeSet data"
    values = {"ChangeSetName": ARN, "IncludePropertyValues": True}
    aws.add_response("describe_change_set", described(StatusReason=reason), values)
    found = changes_of(cloudformation._client, ARN, described(*told))
    assert [(c.action, c.policy_action, c.physical_id) for c in found] == [
        (action, policy, f"id-{action}") for action, policy in zip(actions, policies, strict=True)
    ]


def test_what_is_only_made_is_not_asked_for_twice(
    aws: Stubber, cloudformation: CloudFormation
) -> None:
    page = described(resource("Add", "A"), resource("Import", "B"))
    assert len(changes_of(cloudformation._client, ARN, page)) == 2


@pytest.mark.parametrize(
    ("told", "context", "shown"),
    [
        ("5", {"Properties": {"Size": 5}}, "5"),
        ("xxxx", {"Properties": {"Size": LONG}}, LONG),
        ("xxxx...", {"Properties": {"Size": LONG}}, LONG),
        ("other", {"Properties": {"Size": LONG}}, "other"),
        ("xxxx", {"Properties": {}}, "xxxx"),
        ("xxxx", None, "xxxx"),
        ("", {"Properties": {"Size": LONG}}, ""),
        (None, {"Properties": {"Size": LONG}}, None),
        ("{{changeSet:KNOWN_AFTER_APPLY}}", None, KNOWN_AFTER_APPLY),
    ],
)
def test_values_are_told_in_full(told: str | None, context: Any, shown: str | None) -> None:
    text = {} if context is None else {"BeforeContext": json.dumps(context)}
    detail = {"Target": target("/Properties/Size", told, None)}
    (found,) = change(resource("Modify", "T", Details=[detail], **text)).details
    assert found.before == shown


def test_a_context_that_is_cut_off_tells_nothing() -> None:
    detail = {"Target": target("/Properties/Size", "1", None)}
    cut = resource("Modify", "T", Details=[detail], BeforeContext='{"Properties": {"Si')
    assert change(cut).details[0].before == "1"


def test_a_detail_with_all_that_can_be_told() -> None:
    detail = {
        "Target": target(
            "/Properties/Name",
            "a",
            "b",
            RequiresRecreation="Always",
            AttributeChangeType="SyncWithActual",
        ),
        "ChangeSource": "ParameterReference",
        "CausingEntity": "Name",
    }
    assert change(resource("Modify", "T", Replacement="True", Details=[detail])) == Change(
        "Modify",
        "T",
        TABLE,
        "True",
        details=(
            PropertyChange(
                "/Properties/Name",
                "Properties",
                "Name",
                "SyncWithActual",
                "a",
                "b",
                "Always",
                "ParameterReference",
                "Name",
            ),
        ),
    )


def test_a_change_set_is_described_as_it_is_now(
    aws: Stubber, cloudformation: CloudFormation
) -> None:
    answer = described(
        resource("Add", "A"),
        ExecutionStatus="OBSOLETE",
        Parameters=[{"ParameterKey": "P", "ParameterValue": "1"}, {"ParameterKey": "Q"}],
        Tags=[{"Key": "Owner", "Value": "me"}],
        CreationTime=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    )
    aws.add_response("describe_change_set", answer, {"ChangeSetName": ARN})
    assert cloudformation.change_set(ARN) == Description(
        "lab-data",
        STACK_ID,
        "OBSOLETE",
        {"P": "1", "Q": ""},
        {"Owner": "me"},
        (Change("Add", "A", TABLE),),
    )


def test_a_change_set_that_is_gone_is_a_result(
    aws: Stubber, cloudformation: CloudFormation
) -> None:
    aws.add_client_error("describe_change_set", "ChangeSetNotFound", "gone")
    assert cloudformation.change_set(ARN) is None
    aws.add_client_error("describe_change_set", "AccessDenied", "not you")
    with pytest.raises(TapgenError, match="describing the change set: AccessDenied"):
        cloudformation.change_set(ARN)


def test_the_template_of_a_change_set(aws: Stubber, cloudformation: CloudFormation) -> None:
    asked = {"StackName": STACK_ID, "TemplateStage": "Original", "ChangeSetName": ARN}
    aws.add_response("get_template", {"TemplateBody": "Resources: {}"}, asked)
    assert cloudformation.template(STACK_ID, ARN) == "Resources: {}"
