"""The thin client: what the local AWS cannot answer comes from botocore's Stubber."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.stub import ANY, Stubber

from tapgen.aws.cloudformation.api import CloudFormation
from tapgen.aws.cloudformation.change_sets import ChangeSetRequest
from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.changes.change import Change, ChangeSet, PropertyChange
from tapgen.model.deployed.stack_status import ABSENT

ARN = "arn:aws:cloudformation:us-east-1:123456789012:changeSet/tapgen-1/0"
STACK_ID = "arn:aws:cloudformation:us-east-1:123456789012:stack/lab-data/0"
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
CREATED = {"Id": ARN, "StackId": STACK_ID}
REQUEST = ChangeSetRequest(
    "lab-data", "tapgen-1", "CREATE", {"TemplateBody": "{}"}, {"B": "2", "A": "1"}, {"T": "v"}, []
)


def described(status: str = "CREATE_COMPLETE", **more: Any) -> dict[str, Any]:
    base = {"ChangeSetId": ARN, "StackId": STACK_ID, "Status": status, "Changes": []}
    return {**base, "ExecutionStatus": "AVAILABLE", **more}


def stack(status: str) -> dict[str, Any]:
    return {
        "Stacks": [
            {
                "StackName": "lab-data",
                "StackId": STACK_ID,
                "StackStatus": status,
                "CreationTime": NOW,
            }
        ]
    }


def resource(logical_id: str, **more: Any) -> dict[str, Any]:
    base = {"Action": "Modify", "LogicalResourceId": logical_id, "ResourceType": "AWS::S3::Bucket"}
    return {"Type": "Resource", "ResourceChange": {**base, **more}}


def cleaned_up(aws: Stubber, status: str = "REVIEW_IN_PROGRESS") -> None:
    aws.add_response("delete_change_set", {}, {"ChangeSetName": ARN})
    aws.add_response("describe_stacks", stack(status), {"StackName": STACK_ID})
    if status == "REVIEW_IN_PROGRESS":
        aws.add_response("list_change_sets", {"Summaries": []}, {"StackName": "lab-data"})
        aws.add_response("delete_stack", {}, {"StackName": STACK_ID})


def test_every_page_of_a_change_set_is_read(cloudformation: CloudFormation, aws: Stubber) -> None:
    detail: dict[str, Any] = {
        "Target": {"Attribute": "Properties", "Name": "BucketName", "RequiresRecreation": "Always"},
        "CausingEntity": "Name",
    }
    tags = {"Target": {"Attribute": "Tags", "RequiresRecreation": "Never"}}
    first = resource(
        "A", Replacement="True", PolicyAction="ReplaceAndRetain", Details=[detail, tags, tags]
    )
    sent = {
        "StackName": "lab-data",
        "ChangeSetName": "tapgen-1",
        "ChangeSetType": "CREATE",
        "Description": "Made by tapgen",
        "ClientToken": ANY,
        "Parameters": [
            {"ParameterKey": "A", "ParameterValue": "1"},
            {"ParameterKey": "B", "ParameterValue": "2"},
        ],
        "Tags": [{"Key": "T", "Value": "v"}],
        "Capabilities": [],
        "TemplateBody": "{}",
    }
    aws.add_response("create_change_set", CREATED, sent)
    aws.add_response("describe_change_set", described("CREATE_PENDING"), {"ChangeSetName": ARN})
    aws.add_response("describe_change_set", described(Changes=[first], NextToken="2"))
    aws.add_response(
        "describe_change_set",
        described(Changes=[resource("B")]),
        {"ChangeSetName": ARN, "NextToken": "2"},
    )
    with_values = {"ChangeSetName": ARN, "IncludePropertyValues": True}
    valued = {**detail["Target"], "Path": "/Properties/BucketName", "AfterValue": "b"}
    second = resource("A", Details=[{**detail, "Target": valued}])
    aws.add_response("describe_change_set", described(Changes=[], NextToken="3"), with_values)
    aws.add_response(
        "describe_change_set", described(Changes=[second]), {**with_values, "NextToken": "3"}
    )
    name = PropertyChange(
        "/Properties/BucketName", name="BucketName", after="b", recreation="Always", cause="Name"
    )
    changed_tags = PropertyChange(attribute="Tags", recreation="Never")
    assert cloudformation.create_change_set(REQUEST) == ChangeSet(
        ARN,
        STACK_ID,
        (
            Change(
                "Modify",
                "A",
                "AWS::S3::Bucket",
                "True",
                "ReplaceAndRetain",
                (name, changed_tags),
            ),
            Change("Modify", "B", "AWS::S3::Bucket"),
        ),
    )


@pytest.mark.parametrize(
    "reason",
    [
        "The submitted information didn't contain changes. Submit different information.",
        "No updates are to be performed.",
    ],
)
def test_no_changes_are_a_result(cloudformation: CloudFormation, aws: Stubber, reason: str) -> None:
    aws.add_response("create_change_set", CREATED)
    aws.add_response("describe_change_set", described("FAILED", StatusReason=reason))
    cleaned_up(aws, "UPDATE_COMPLETE")
    assert cloudformation.create_change_set(REQUEST) is None


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            {"Status": "FAILED", "StatusReason": "Unresolved"},
            "CloudFormation refuses the change set: Unresolved",
        ),
        ({"Status": "FAILED"}, "CloudFormation refuses the change set: no reason given"),
        (
            {"ExecutionStatus": "UNAVAILABLE", "StatusReason": "hook"},
            "CloudFormation cannot execute the change set: hook",
        ),
        (
            {"ExecutionStatus": "OBSOLETE"},
            "CloudFormation cannot execute the change set: OBSOLETE",
        ),
    ],
)
def test_a_change_set_that_cannot_be_used_says_why_and_leaves_no_shell(
    cloudformation: CloudFormation, aws: Stubber, answer: dict[str, str], message: str
) -> None:
    aws.add_response("create_change_set", CREATED)
    aws.add_response("describe_change_set", {**described(), **answer})
    cleaned_up(aws)
    with pytest.raises(TapgenError) as raised:
        cloudformation.create_change_set(REQUEST)
    assert raised.value.message == message


def test_a_clean_up_that_fails_does_not_hide_the_reason(
    cloudformation: CloudFormation, aws: Stubber
) -> None:
    aws.add_response("create_change_set", CREATED)
    aws.add_response("describe_change_set", described("FAILED", StatusReason="Unresolved"))
    aws.add_client_error("delete_change_set", "AccessDenied", "no")
    with pytest.raises(TapgenError, match="refuses the change set: Unresolved"):
        cloudformation.create_change_set(REQUEST)


def test_a_change_set_that_never_gets_ready_is_given_up(
    cloudformation: CloudFormation, aws: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tapgen.aws.cloudformation.change_sets.CHANGE_SET_SECONDS", 0)
    aws.add_response("create_change_set", CREATED)
    aws.add_response("describe_change_set", described("CREATE_IN_PROGRESS"))
    cleaned_up(aws)
    with pytest.raises(TapgenError, match="the change set of lab-data did not end within 0 s"):
        cloudformation.create_change_set(REQUEST)


def test_a_change_set_of_an_earlier_run_is_replaced(
    cloudformation: CloudFormation, aws: Stubber
) -> None:
    aws.add_client_error("create_change_set", "AlreadyExistsException", "exists")
    name = {"StackName": "lab-data", "ChangeSetName": "tapgen-1"}
    aws.add_response("delete_change_set", {}, name)
    aws.add_response("create_change_set", CREATED)
    aws.add_response("describe_change_set", described())
    assert cloudformation.create_change_set(REQUEST) == ChangeSet(ARN, STACK_ID, ())


def test_answers_that_are_lost_again_and_again_leave_one_change_set(
    cloudformation: CloudFormation, aws: Stubber
) -> None:
    for _ in range(4):
        aws.add_client_error("create_change_set", "AlreadyExistsException", "exists")
        aws.add_response("delete_change_set", {})
    aws.add_response("create_change_set", CREATED)
    aws.add_response("describe_change_set", described())
    assert cloudformation.create_change_set(REQUEST) == ChangeSet(ARN, STACK_ID, ())


def test_a_name_that_never_becomes_free_is_told(
    cloudformation: CloudFormation, aws: Stubber
) -> None:
    for _ in range(4):
        aws.add_client_error("create_change_set", "AlreadyExistsException", "exists")
        aws.add_response("delete_change_set", {})
    aws.add_client_error("create_change_set", "AlreadyExistsException", "exists")
    with pytest.raises(TapgenError, match="AlreadyExistsException: exists"):
        cloudformation.create_change_set(REQUEST)


def test_what_aws_refuses_to_create_is_explained(
    cloudformation: CloudFormation, aws: Stubber
) -> None:
    aws.add_client_error("create_change_set", "AccessDenied", "not you")
    with pytest.raises(TapgenError, match="creating a change set for lab-data: AccessDenied"):
        cloudformation.create_change_set(REQUEST)


def test_resources_to_import_are_named(cloudformation: CloudFormation, aws: Stubber) -> None:
    table = {
        "ResourceType": "AWS::DynamoDB::Table",
        "LogicalResourceId": "Table",
        "ResourceIdentifier": {"TableName": "t"},
    }
    request = ChangeSetRequest(
        "lab-data", "tapgen-1", "IMPORT", {"TemplateURL": "https://x"}, {}, {}, [], [table]
    )
    expected = {
        "StackName": "lab-data",
        "ChangeSetName": "tapgen-1",
        "ChangeSetType": "IMPORT",
        "Description": ANY,
        "ClientToken": ANY,
        "Parameters": [],
        "Capabilities": [],
        "TemplateURL": "https://x",
        "ResourcesToImport": [table],
    }
    aws.add_response("create_change_set", CREATED, expected)
    aws.add_response("describe_change_set", described())
    assert cloudformation.create_change_set(request) is not None


@pytest.mark.parametrize("code", ["ChangeSetNotFound", "InvalidChangeSetStatus"])
def test_a_change_set_that_is_out_of_date_is_refused(
    cloudformation: CloudFormation, aws: Stubber, code: str
) -> None:
    aws.add_client_error("execute_change_set", code, "is OBSOLETE")
    with pytest.raises(RefusedError, match="is no longer valid: is OBSOLETE"):
        cloudformation.execute(ChangeSet(ARN, STACK_ID, ()), "token")


def test_other_refusals_to_execute_are_errors(cloudformation: CloudFormation, aws: Stubber) -> None:
    aws.add_client_error("execute_change_set", "ExpiredToken", "expired")
    with pytest.raises(TapgenError, match="executing the change set: ExpiredToken") as raised:
        cloudformation.execute(ChangeSet(ARN, STACK_ID, ()), "token")
    assert not isinstance(raised.value, RefusedError)


# boto3 gives up in one of two ways: without an answer, or with one that came too late.
LOST = ReadTimeoutError(endpoint_url="https://x")
ANSWER: Any = {"Error": {"Code": "ServiceUnavailable"}, "ResponseMetadata": {"RetryAttempts": 4}}
LATE = ClientError(ANSWER, "ExecuteChangeSet")


@pytest.fixture(params=[LOST, LATE], ids=["lost", "late"])
def no_answer(
    request: pytest.FixtureRequest, cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether AWS has started to execute the change set, nobody has been told."""

    def execute(**_: Any) -> None:
        raise request.param

    monkeypatch.setattr(cloudformation._client, "execute_change_set", execute)


@pytest.mark.usefixtures("no_answer")
def test_without_an_answer_it_is_an_error_if_aws_has_not_started(
    cloudformation: CloudFormation, aws: Stubber
) -> None:
    aws.add_response("describe_change_set", described())
    with pytest.raises(TapgenError, match="executing the change set"):
        cloudformation.execute(ChangeSet(ARN, STACK_ID, ()), "token")


@pytest.mark.usefixtures("no_answer")
@pytest.mark.parametrize("status", ["EXECUTE_IN_PROGRESS", "EXECUTE_COMPLETE", "EXECUTE_FAILED"])
def test_without_an_answer_it_is_watched_if_aws_has_started(
    cloudformation: CloudFormation, aws: Stubber, status: str
) -> None:
    aws.add_response("describe_change_set", described(ExecutionStatus=status))
    assert cloudformation.execute(ChangeSet(ARN, STACK_ID, ()), "token") is False


def test_with_an_answer_aws_has_started(cloudformation: CloudFormation, aws: Stubber) -> None:
    aws.add_response("execute_change_set", {})
    assert cloudformation.execute(ChangeSet(ARN, STACK_ID, ()), "token") is True


def test_a_shell_with_a_change_set_of_somebody_else_stays(
    cloudformation: CloudFormation, aws: Stubber
) -> None:
    aws.add_client_error("delete_change_set", "ChangeSetNotFound", "gone")
    aws.add_response("describe_stacks", stack("REVIEW_IN_PROGRESS"))
    aws.add_response("list_change_sets", {"Summaries": [{"ChangeSetName": "theirs"}]})
    cloudformation.discard(ChangeSet(ARN, STACK_ID, ()))
    aws.assert_no_pending_responses()


def test_a_shell_stays_where_stacks_may_not_be_deleted(
    cloudformation: CloudFormation, aws: Stubber
) -> None:
    aws.add_response("delete_change_set", {})
    aws.add_response("describe_stacks", stack("REVIEW_IN_PROGRESS"))
    aws.add_response("list_change_sets", {"Summaries": []})
    aws.add_client_error("delete_stack", "AccessDenied", "not you")
    cloudformation.discard(ChangeSet(ARN, STACK_ID, ()))
    aws.assert_no_pending_responses()


def test_a_shell_that_cannot_be_deleted_for_another_reason_is_an_error(
    cloudformation: CloudFormation, aws: Stubber
) -> None:
    aws.add_response("delete_change_set", {})
    aws.add_response("describe_stacks", stack("REVIEW_IN_PROGRESS"))
    aws.add_response("list_change_sets", {"Summaries": []})
    aws.add_client_error("delete_stack", "ValidationError", "no")
    with pytest.raises(TapgenError, match="deleting the change set: ValidationError"):
        cloudformation.discard(ChangeSet(ARN, STACK_ID, ()))


def test_a_change_set_that_cannot_be_deleted_is_an_error(
    cloudformation: CloudFormation, aws: Stubber
) -> None:
    aws.add_client_error("delete_change_set", "AccessDenied", "no")
    with pytest.raises(TapgenError, match="deleting the change set: AccessDenied"):
        cloudformation.discard(ChangeSet(ARN, STACK_ID, ()))


def test_a_stack_that_does_not_exist_is_a_result(
    cloudformation: CloudFormation, aws: Stubber
) -> None:
    aws.add_client_error("describe_stacks", "ValidationError", "Stack with id x does not exist")
    assert cloudformation.describe("x") == StackState("x", ABSENT)
    aws.add_client_error("describe_stacks", "ValidationError", "1 validation error detected")
    with pytest.raises(TapgenError, match="describing stack x: ValidationError"):
        cloudformation.describe("x")


def test_a_stack_is_read_with_all_that_is_told(
    cloudformation: CloudFormation, aws: Stubber
) -> None:
    answer = stack("UPDATE_COMPLETE")
    answer["Stacks"][0] |= {
        "StackStatusReason": "because",
        "Parameters": [{"ParameterKey": "A", "ParameterValue": "1"}, {"ParameterKey": "B"}],
        "Outputs": [{"OutputKey": "O", "OutputValue": "2"}],
        "Tags": [{"Key": "T", "Value": "3"}],
        "EnableTerminationProtection": True,
        "LastUpdatedTime": NOW,
    }
    aws.add_response("describe_stacks", answer)
    assert cloudformation.describe("lab-data") == StackState(
        "lab-data",
        "UPDATE_COMPLETE",
        STACK_ID,
        "because",
        {"A": "1", "B": ""},
        {"O": "2"},
        {"T": "3"},
        termination_protection=True,
        updated=str(NOW),
    )


def event(number: int, **more: Any) -> dict[str, Any]:
    return {
        "StackId": STACK_ID,
        "EventId": str(number),
        "StackName": "lab-data",
        "Timestamp": NOW,
        **more,
    }


def test_events_are_read_back_only_as_far_as_needed(
    cloudformation: CloudFormation, aws: Stubber
) -> None:
    failed = event(
        5,
        LogicalResourceId="A",
        PhysicalResourceId="a",
        ResourceType="AWS::S3::Bucket",
        ResourceStatus="CREATE_FAILED",
        ResourceStatusReason="taken",
    )
    aws.add_response("describe_stack_events", {"StackEvents": [failed, event(4)], "NextToken": "n"})
    aws.add_response(
        "describe_stack_events", {"StackEvents": [event(3), event(2)], "NextToken": "m"}
    )
    found = cloudformation.events_after(STACK_ID, "2")
    assert [e.event_id for e in found] == ["3", "4", "5"]
    assert (found[-1].logical_id, found[-1].reason, found[-1].is_failure) == ("A", "taken", True)


def of_stack(number: int, status: str) -> dict[str, Any]:
    return event(
        number,
        LogicalResourceId="lab-data",
        PhysicalResourceId=STACK_ID,
        ResourceType="AWS::CloudFormation::Stack",
        ResourceStatus=status,
    )


def test_the_newest_operation_is_read_back_to_its_beginning_over_all_pages(
    cloudformation: CloudFormation, aws: Stubber
) -> None:
    own = event(4, LogicalResourceId="A", ResourceStatus="UPDATE_IN_PROGRESS")
    newest = [of_stack(6, "UPDATE_ROLLBACK_COMPLETE"), event(5)]
    older = [own, of_stack(3, "UPDATE_IN_PROGRESS"), of_stack(2, "CREATE_COMPLETE")]
    aws.add_response("describe_stack_events", {"StackEvents": newest, "NextToken": "n"})
    aws.add_response("describe_stack_events", {"StackEvents": older, "NextToken": "m"})
    assert [e.event_id for e in cloudformation.operation(STACK_ID)] == ["3", "4", "5", "6"]


def test_an_operation_whose_beginning_aws_has_forgotten_is_all_there_is(
    cloudformation: CloudFormation, aws: Stubber
) -> None:
    aws.add_response("describe_stack_events", {"StackEvents": [event(2), event(1)]})
    assert [e.event_id for e in cloudformation.operation(STACK_ID)] == ["1", "2"]


def test_a_stack_without_events_begins_at_its_first(
    cloudformation: CloudFormation, aws: Stubber
) -> None:
    aws.add_response("describe_stack_events", {"StackEvents": []})
    assert cloudformation.latest_event(STACK_ID) is None
    aws.add_response("describe_stack_events", {"StackEvents": [event(7)]})
    assert cloudformation.latest_event(STACK_ID) == "7"
    aws.add_response("describe_stack_events", {"StackEvents": [event(1)]})
    assert [e.event_id for e in cloudformation.events_after(STACK_ID, None)] == ["1"]


def test_only_resources_that_are_there_are_listed(
    cloudformation: CloudFormation, aws: Stubber
) -> None:
    def listed(name: str, status: str, **more: str) -> dict[str, Any]:
        return {
            "LogicalResourceId": name,
            "ResourceType": "AWS::S3::Bucket",
            "ResourceStatus": status,
            "LastUpdatedTimestamp": NOW,
            **more,
        }

    summaries = [
        listed("There", "CREATE_COMPLETE", PhysicalResourceId="there"),
        listed("Gone", "DELETE_COMPLETE", PhysicalResourceId="gone"),
        listed("Never", "CREATE_FAILED"),
    ]
    aws.add_response("list_stack_resources", {"StackResourceSummaries": summaries})
    assert cloudformation.resources("lab-data") == {"There": ("AWS::S3::Bucket", "there")}


@pytest.mark.parametrize("body", ['{"Resources": {}}', "Resources: {}"])
def test_the_template_comes_as_text(
    cloudformation: CloudFormation, aws: Stubber, body: str
) -> None:
    aws.add_response("get_template", {"TemplateBody": body})
    text = cloudformation.template("lab-data")
    if body.startswith("{"):
        assert json.loads(text) == json.loads(body)
    else:
        assert text == body


def test_an_update_can_be_cancelled(cloudformation: CloudFormation, aws: Stubber) -> None:
    sent = {"StackName": STACK_ID, "ClientRequestToken": "token"}
    aws.add_response("cancel_update_stack", {}, sent)
    cloudformation.cancel_update(STACK_ID, "token")
    aws.add_client_error("cancel_update_stack", "ValidationError", "too late")
    aws.add_response("describe_stacks", stack("UPDATE_ROLLBACK_IN_PROGRESS"))
    cloudformation.cancel_update(STACK_ID, "token")
    aws.add_client_error("cancel_update_stack", "AccessDenied", "not you")
    aws.add_response("describe_stacks", stack("UPDATE_IN_PROGRESS"))
    with pytest.raises(TapgenError, match="cancelling the update"):
        cloudformation.cancel_update(STACK_ID, "token")


def test_protection_is_set_only_where_it_differs(
    cloudformation: CloudFormation, aws: Stubber
) -> None:
    state = StackState("lab-data", "CREATE_COMPLETE", STACK_ID)
    assert not cloudformation.protect(state, wanted=False)
    wanted = {"StackName": STACK_ID, "EnableTerminationProtection": True}
    aws.add_response("update_termination_protection", {}, wanted)
    assert cloudformation.protect(state, wanted=True)


def test_a_policy_is_set_only_where_it_differs(
    cloudformation: CloudFormation, aws: Stubber
) -> None:
    policy = {"Statement": [{"Effect": "Allow"}]}
    aws.add_response("get_stack_policy", {"StackPolicyBody": json.dumps(policy, indent=4)})
    assert not cloudformation.set_policy("lab-data", policy)
    aws.add_response("get_stack_policy", {})
    aws.add_response(
        "set_stack_policy",
        {},
        {"StackName": "lab-data", "StackPolicyBody": json.dumps(policy)},
    )
    assert cloudformation.set_policy("lab-data", policy)


SEAL = "0123456789abcdef"
SEALED = [
    {"OutputKey": "Id", "OutputValue": "Id of it"},
    {"OutputKey": "TapgenSeal", "OutputValue": SEAL},
]


def named(name: str) -> dict[str, Any]:
    return {**stack("CREATE_COMPLETE")["Stacks"][0], "StackName": name, "Outputs": SEALED}


def test_states_are_read_from_one_listing(cloudformation: CloudFormation, aws: Stubber) -> None:
    first = {"Stacks": [named("other"), named("lab-data")], "NextToken": "2"}
    aws.add_response("describe_stacks", first, {})
    aws.add_response("describe_stacks", {"Stacks": [named("lab-x")]}, {"NextToken": "2"})
    found = cloudformation.states(["lab-absent", "lab-data"])
    assert list(found) == ["lab-absent", "lab-data"]
    assert found["lab-absent"] == StackState("lab-absent")
    assert found["lab-data"].outputs == {"Id": "Id of it"}
    assert found["lab-data"].seal == SEAL


def test_an_output_that_is_no_seal_stays_one(cloudformation: CloudFormation, aws: Stubber) -> None:
    outputs = [{"OutputKey": "TapgenSeal", "OutputValue": "of somebody else"}]
    answer = {"Stacks": [{**named("lab-data"), "Outputs": outputs}]}
    aws.add_response("describe_stacks", answer, {"StackName": "lab-data"})
    found = cloudformation.states(["lab-data"])["lab-data"]
    assert (found.seal, found.outputs) == ("", {"TapgenSeal": "of somebody else"})


def test_pages_are_read_until_all_stacks_are_found(
    cloudformation: CloudFormation, aws: Stubber
) -> None:
    first = {"Stacks": [named("lab-api"), named("lab-data")], "NextToken": "2"}
    aws.add_response("describe_stacks", first, {})
    assert set(cloudformation.states(["lab-data", "lab-api"])) == {"lab-data", "lab-api"}


def test_whoever_may_not_list_describes(cloudformation: CloudFormation, aws: Stubber) -> None:
    aws.add_client_error("describe_stacks", "AccessDenied", "not you")
    aws.add_response("describe_stacks", {"Stacks": [named("a")]}, {"StackName": "a"})
    aws.add_response("describe_stacks", {"Stacks": [named("b")]}, {"StackName": "b"})
    assert {name: s.status for name, s in cloudformation.states(["a", "b"]).items()} == {
        "a": "CREATE_COMPLETE",
        "b": "CREATE_COMPLETE",
    }
    aws.add_client_error("describe_stacks", "ExpiredToken", "too late")
    with pytest.raises(TapgenError, match="listing stacks: ExpiredToken"):
        cloudformation.states(["a", "b"])


def test_a_stack_that_exists_is_no_shell(cloudformation: CloudFormation, aws: Stubber) -> None:
    aws.add_response("delete_change_set", {}, {"ChangeSetName": ARN})
    cloudformation.discard(ChangeSet(ARN, STACK_ID, ()), "UPDATE")
    aws.assert_no_pending_responses()


def test_events_since_a_time_are_read_no_further_back_than_a_page_beyond_it(
    cloudformation: CloudFormation, aws: Stubber
) -> None:
    old, new = ({**event(n), "Timestamp": NOW + dt.timedelta(n)} for n in (1, 2))
    aws.add_response("describe_stack_events", {"StackEvents": [new], "NextToken": "n"})
    aws.add_response("describe_stack_events", {"StackEvents": [old], "NextToken": "m"})
    found = cloudformation.events_since(STACK_ID, NOW + dt.timedelta(1.5))
    assert [e.event_id for e in found] == ["1", "2"]


def test_whose_a_resource_is_cannot_be_told_where_aws_refuses_to_say(
    cloudformation: CloudFormation, aws: Stubber
) -> None:
    aws.add_client_error("describe_stack_resources", "AccessDenied", "not authorized")
    assert cloudformation.owner("AWS::S3::Bucket", "bucket") is None
    aws.add_client_error("describe_stack_resources", "InternalFailure", "try again")
    with pytest.raises(TapgenError, match="looking up the stack of bucket: InternalFailure"):
        cloudformation.owner("AWS::S3::Bucket", "bucket")
