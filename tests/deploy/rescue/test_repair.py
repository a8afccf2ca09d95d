"""Repair: the requests against botocore's Stubber, since the local AWS reverts no drift.

What happens after the request (executing, watching) runs against the local AWS, with a change set
that changes something in the place of the one that would revert drift.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from tapgen.aws.account import Connection
from tapgen.deploy.flow.events import Event, Finished, Note, Progress, Started
from tapgen.deploy.flow.host import Recorder
from tapgen.deploy.guards.guard import Guard, UnderWay
from tapgen.deploy.rescue.repair import Repair
from tapgen.deploy.stack.interruption import InterruptedRunError
from tapgen.deploy.target.durations import Durations
from tapgen.deploy.target.run import Run
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.changes.change import PropertyChange
from tapgen.model.deployed.events import Failed, Updated
from tapgen.model.plan import NoChange, Planned
from tests.lab import Reacting, told
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

TABLE = "AWS::DynamoDB::Table"
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
STACK_ID = "arn:aws:cloudformation:us-east-1:700000000001:stack/lab-data/0"
ARN = "arn:aws:cloudformation:us-east-1:700000000001:changeSet/tapgen-1/0"
TAGS = [{"Key": "Environment", "Value": "lab"}, {"Key": "Layer", "Value": "data"}]
REQUEST = {
    "StackName": "lab-data",
    "ChangeSetName": ANY,
    "ChangeSetType": "UPDATE",
    "ClientToken": ANY,
    "Description": ANY,
    "Tags": TAGS,
    "Capabilities": [],
    "NotificationARNs": [],
    "RollbackConfiguration": {"RollbackTriggers": []},
    "DeploymentMode": "REVERT_DRIFT",
    "UsePreviousTemplate": True,
    "Parameters": [
        {"ParameterKey": "Password", "UsePreviousValue": True},
        {"ParameterKey": "Size", "UsePreviousValue": True},
    ],
}
STACKS = {
    "Stacks": [
        {
            "StackName": "lab-data",
            "StackId": STACK_ID,
            "StackStatus": "UPDATE_COMPLETE",
            "CreationTime": NOW,
            "Tags": TAGS,
            "Parameters": [
                {"ParameterKey": "Size", "ParameterValue": "5"},
                {"ParameterKey": "Password", "ParameterValue": "****"},
            ],
        }
    ]
}


@pytest.fixture
def remote(lab: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    """Runs that do not know that they are at the local AWS."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", lab.account)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.delenv("AWS_PROFILE", raising=False)

    def make(*stacks: Any) -> Run:
        connection = Connection(endpoint_url=lab.local.endpoint_url)
        target: Target = lab.target(*stacks, connection=connection)
        target.verify_account()
        return Run.on(target, Recorder(), Durations())

    return make


def change(action: str, logical_id: str, **more: Any) -> dict[str, Any]:
    resource = {"Action": action, "LogicalResourceId": logical_id, "ResourceType": TABLE, **more}
    return {"Type": "Resource", "ResourceChange": resource}


def stubbed(run: Run, *changes: dict[str, Any]) -> Stubber:
    """CloudFormation with one drifted stack, and a change set of these changes."""
    stack = run.target.stacks["data"]
    stubber = Stubber(run.cloudformation(stack)._client)
    described = {
        "ChangeSetId": ARN,
        "StackId": STACK_ID,
        "StackName": "lab-data",
        "Status": "CREATE_COMPLETE",
        "ExecutionStatus": "AVAILABLE",
        "DeploymentMode": "REVERT_DRIFT",
        "Changes": list(changes),
    }
    stubber.add_response("describe_stacks", STACKS, {"StackName": "lab-data"})
    stubber.add_response("create_change_set", {"Id": ARN, "StackId": STACK_ID}, REQUEST)
    stubber.add_response("describe_change_set", described, {"ChangeSetName": ARN})
    with_values = {"ChangeSetName": ARN, "IncludePropertyValues": True}
    stubber.add_response("describe_change_set", described, with_values)
    return stubber


def discarded(stubber: Stubber) -> None:
    """Nothing else is asked: an update's stack is there without its change set."""
    stubber.add_response("delete_change_set", {}, {"ChangeSetName": ARN})


def test_a_drift_aware_change_set_of_what_is_deployed(lab: Any, remote: Callable[..., Run]) -> None:
    run = remote(lab.stack("data", {"Note": lab.note()}))
    detail = {
        "Target": {
            "Attribute": "Properties",
            "Name": "DeletionProtectionEnabled",
            "Path": "/Properties/DeletionProtectionEnabled",
            "RequiresRecreation": "Never",
            "BeforeValue": "false",
            "AfterValue": "true",
            "BeforeValueFrom": "ACTUAL_STATE",
            "AfterValueFrom": "TEMPLATE",
            "AttributeChangeType": "Modify",
        },
        "ChangeSource": "DirectModification",
        "Evaluation": "Static",
    }
    revert = change("Modify", "Table", Replacement="False", Details=[detail])
    sync = change("SyncWithActual", "Index", ResourceDriftStatus="MODIFIED")
    repair = Repair(run)
    with stubbed(run, revert, sync) as stubber:
        plan = repair.plan(["data"])
        entry = plan.entries["data"]
        assert isinstance(entry, Planned)
        assert [(c.action, c.logical_id) for c in entry.change_set.changes] == [
            ("Modify", "Table"),
            ("SyncWithActual", "Index"),
        ]
        (told,) = entry.change_set.changes[0].details
        assert isinstance(told, PropertyChange)
        assert (told.name, told.before, told.after) == (
            "DeletionProtectionEnabled",
            "false",
            "true",
        )
        discarded(stubber)
        repair.discard()
        stubber.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("lost", "words"),
    [
        (change("Modify", "Table", Replacement="True"), "would be replaced"),
        (change("Modify", "Table", Replacement="Conditional"), "would be replaced"),
        (change("Remove", "Table", PolicyAction="Delete"), "would be removed"),
    ],
)
def test_nothing_is_ever_replaced_or_removed(
    lab: Any, remote: Callable[..., Run], lost: dict[str, Any], words: str
) -> None:
    run = remote(lab.stack("data", {"Note": lab.note()}))
    with stubbed(run, lost) as stubber:
        discarded(stubber)
        with pytest.raises(RefusedError, match=rf"data\.Table \({TABLE}\) {words}"):
            Repair(run).plan(["data"])
        stubber.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("kind", "action", "by_bug"),
    [
        ("AWS::ApiGateway::Method", {"Replacement": "True"}, True),
        ("AWS::ApiGateway::Resource", {"Replacement": "Conditional"}, True),
        ("AWS::ApiGateway::Method", {"Action": "Remove"}, False),
        (TABLE, {"Replacement": "True"}, False),
    ],
)
def test_a_replacement_that_a_bug_of_aws_makes_up_is_said_to_be_one(
    lab: Any, remote: Callable[..., Run], kind: str, action: dict[str, Any], by_bug: bool
) -> None:
    run = remote(lab.stack("data", {"Note": lab.note()}))
    lost = change("Modify", "Lost")
    lost["ResourceChange"] |= {"ResourceType": kind, **action}
    with stubbed(run, lost, change("Modify", "Table", Replacement="True")) as stubber:
        discarded(stubber)
        with pytest.raises(RefusedError, match=rf"data\.Lost \({kind}\) would be") as refused:
            Repair(run).plan(["data"])
    hint = refused.value.hint
    assert ("cloudformation-coverage-roadmap/issues/2505" in hint) is by_bug
    assert ("declare the current values" in hint) is not by_bug
    assert hint.startswith("Nothing was changed. ")
    assert ("drift of data by hand" in hint) is by_bug


def test_where_aws_lacks_it_its_own_words_are_told(lab: Any, remote: Callable[..., Run]) -> None:
    run = remote(lab.stack("data", {"Note": lab.note()}))
    with Stubber(run.cloudformation(run.target.stacks["data"])._client) as stubber:
        stubber.add_response("describe_stacks", STACKS)
        stubber.add_client_error("create_change_set", "ValidationError", "no DeploymentMode here")
        with pytest.raises(TapgenError, match="no DeploymentMode here"):
            Repair(run).plan(["data"])


def test_the_local_aws_says_that_it_has_none(lab: Any) -> None:
    with pytest.raises(TapgenError, match="local AWS has no drift-aware change sets"):
        Repair(lab.run(lab.stack("data", {"Note": lab.note()}))).plan(["data"])


def test_what_cloudformation_does_not_see_itself_stays(
    lab: Any, remote: Callable[..., Run]
) -> None:
    stack = lab.stack("data", {"Note": lab.note()})
    lab.deploy(stack)
    repair = Repair(remote(stack))
    plan = repair.plan(["data"])  # the local AWS overlooks the mode, and finds nothing to change
    assert isinstance(plan.entries["data"], NoChange)
    assert not plan.has_changes

    assert repair.carry_out(plan) == {}
    assert told(repair.run) == []


def changing(run: Run, **parameters: str) -> None:
    """Let the request change parameters instead of reverting drift."""

    def replaced(params: dict[str, Any], **_: Any) -> dict[str, Any]:
        assert params.pop("DeploymentMode") == "REVERT_DRIFT"
        values = [{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()]
        return {**params, "Parameters": values}

    client = run.cloudformation(run.target.stacks["data"])._client
    client.meta.events.register("provide-client-params.cloudformation.CreateChangeSet", replaced)


def test_it_is_executed_and_watched_to_its_end(lab: Any, remote: Callable[..., Run]) -> None:
    stack = lab.stack("data", {"Note": lab.note({"Ref": "Value"})}, parameters={"Value": "one"})
    lab.deploy(stack)
    run = remote(stack)
    changing(run, Value="two")
    repair = Repair(run)
    outcomes = repair.carry_out(repair.plan(["data"]))
    assert isinstance(outcomes["data"], Updated)
    assert told(run)[0] == Started("data", "repair")
    assert isinstance(told(run)[-1], Finished)
    assert lab.status("data") == "UPDATE_COMPLETE"
    assert lab.change_sets("data") == []


def busy(run: Run) -> Run:
    """The run, on a platform with a guard that knows of something that never ends."""
    platform = replace(run.target.platform, guards="tests.deploy.rescue.test_repair:GUARDS")
    return replace(run, target=replace(run.target, platform=platform))


GUARDS = (Guard("thing", under_way=lambda _: UnderWay("the thing", 600.0, "Look at it.")),)


def test_ctrl_c_ends_the_waiting_for_what_aws_is_at(lab: Any, remote: Callable[..., Run]) -> None:
    stack = lab.stack("data", {"Note": lab.note({"Ref": "Value"})}, parameters={"Value": "one"})
    lab.deploy(stack)
    run = busy(remote(stack))
    changing(run, Value="two")
    told_so: list[str] = []

    def waiting(event: Event) -> None:
        if isinstance(event, Note):
            told_so.append(event.text)
            raise KeyboardInterrupt

    repair = Repair(run.heard_by(Reacting(then=waiting)))
    with pytest.raises(InterruptedRunError, match="nothing is left in progress"):
        repair.carry_out(repair.plan(["data"]))
    assert told_so == ["waiting for the thing, at most 10 minutes"]
    assert lab.change_sets("data") == []
    assert lab.status("data") == "CREATE_COMPLETE"


def test_a_failure_is_explained_like_any_other(
    lab: Any, remote: Callable[..., Run], faults: Any
) -> None:
    stack = lab.stack("data", {"Note": lab.note({"Ref": "Value"})}, parameters={"Value": "one"})
    lab.deploy(stack)
    run = remote(stack)
    changing(run, Value="two")
    repair = Repair(run)
    plan = repair.plan(["data"])
    faults({"update:Note": "no"})
    outcome = repair.carry_out(plan)["data"]
    assert isinstance(outcome, Failed)
    assert "Note" in outcome.reason


def interrupting(event: Event) -> None:
    if isinstance(event, Progress):
        raise KeyboardInterrupt


def test_ctrl_c_is_told_like_any_other_and_leaves_no_change_set(
    lab: Any, remote: Callable[..., Run], faults: Any
) -> None:
    stack = lab.stack("data", {"Note": lab.note({"Ref": "Value"})}, parameters={"Value": "one"})
    lab.deploy(stack)
    run = remote(stack).heard_by(Reacting(then=interrupting))
    changing(run, Value="two")
    repair = Repair(run)
    plan = repair.plan(["data"])
    faults({"hold": ["Note"]})
    with pytest.raises(InterruptedRunError, match="AWS continues with data") as raised:
        repair.carry_out(plan)
    assert (
        "`tapgen drift --env lab --repair --layer data --local` again continues from there"
        in raised.value.hint
    )
    faults({})
    wait_until(lambda: not lab.status("data").endswith("IN_PROGRESS"))
    assert lab.change_sets("data") == []
