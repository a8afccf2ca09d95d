"""What is said about a failure: its first cause, its origin, its rollback, the way on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tapgen.aws.cloudformation.api import CloudFormation
from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.aws.cloudformation.watch import Watched
from tapgen.deploy.stack.failures import explain
from tapgen.model.deployed.events import Failed, ResourceEvent
from tapgen.model.layer import OutputRef

if TYPE_CHECKING:
    import pytest

    from tapgen.model.stack import Stack
    from tests.lab import Lab

ID = "arn:aws:cloudformation:us-east-1:1:stack/lab-data/1"


def sized(lab: Lab, size: str = "small") -> Stack:
    note = lab.note({"Ref": "Size"})
    return lab.stack(
        "data", {"Note": note}, parameters={"Size": size}, settings={"Size": "data.size"}
    )


def failed(lab: Lab, stack: Stack, *also: Stack) -> Failed:
    outcome = lab.deploy(stack, *also).outcomes[stack.layer]
    assert isinstance(outcome, Failed)
    return outcome


def event(name: str, status: str, reason: str = "") -> ResourceEvent:
    physical = ID if name == "lab-data" else name
    return ResourceEvent(f"{name}{status}", name, physical, "AWS::SQS::Queue", status, reason)


def test_the_setting_behind_a_failed_property_is_named_with_the_way_to_find_it(
    lab: Lab, faults: Any
) -> None:
    faults({"create:Note": "Value small is not allowed; the quota is reached"})
    outcome = failed(lab, sized(lab))
    assert outcome.reason == (
        "data.Note (AWS::SSM::Parameter): Value small is not allowed; the quota is reached "
        "(property Value, from setting data.size)"
    )
    assert outcome.hint == (
        "An AWS quota is reached: raise it in Service Quotas, or delete what is not needed. "
        "`tapgen env show --env lab` shows in which file and line data.size is set. "
        "Fix the cause, then run `tapgen deploy --env lab --local` again: "
        "what has succeeded stays as it is."
    )
    assert outcome.status == "ROLLBACK_COMPLETE"


def test_an_input_is_named_by_the_output_it_comes_from(lab: Lab, faults: Any) -> None:
    network = lab.stack("network", {"Vpc": lab.note()}, outputs={"VpcId": {"Ref": "Vpc"}})
    note = lab.note({"Ref": "VpcId"})
    data = lab.stack("data", {"Note": note}, inputs={"VpcId": OutputRef("network", "VpcId")})
    faults({"create:Note": "Invalid Value"})
    assert "(property Value, from network.VpcId)" in failed(lab, data, network).reason


def test_a_taken_bucket_name_is_told_by_describe_events_only(lab: Lab) -> None:
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": f"taken-{lab.account}"}}
    lab.client("s3").create_bucket(Bucket=f"taken-{lab.account}")
    outcome = failed(lab, lab.stack("storage", {"Bucket": bucket}))
    assert outcome.root_cause is not None
    assert outcome.root_cause.logical_id == "Bucket"
    assert "NAME_CONFLICT_VALIDATION" in outcome.reason
    assert outcome.hint.startswith("A resource with that name exists")


def test_a_rollback_that_failed_too_is_told_after_the_cause(lab: Lab) -> None:
    events = (
        event("lab-data", "UPDATE_IN_PROGRESS"),
        event("Note", "UPDATE_FAILED", "first"),
        event("lab-data", "UPDATE_ROLLBACK_IN_PROGRESS"),
        event("Other", "UPDATE_FAILED", "second"),
    )
    state = StackState("lab-data", "UPDATE_ROLLBACK_FAILED", ID)
    stack = sized(lab)
    outcome = explain(lab.run(stack), stack, Watched(state, events), "Go on.")
    assert outcome.reason == (
        "data.Note (AWS::SQS::Queue): first; "
        "then its rollback failed: data.Other (AWS::SQS::Queue): second"
    )
    assert outcome.hint == "Go on."
    done = replace(state, status="UPDATE_ROLLBACK_COMPLETE")
    outcome = explain(lab.run(stack), stack, Watched(done, events))
    assert outcome.reason == "data.Note (AWS::SQS::Queue): first"


def test_what_a_rolled_back_update_leaves_behind_is_told_with_what_becomes_of_it(lab: Lab) -> None:
    topic = replace(event("Topic", "DELETE_SKIPPED"), resource_type="AWS::SNS::Topic")
    events = (
        event("Note", "CREATE_FAILED", "first"),
        event("lab-data", "UPDATE_ROLLBACK_IN_PROGRESS"),
        event("Queue", "DELETE_FAILED", "protected"),
        topic,
    )
    queue = lab.kept("AWS::SQS::Queue", QueueName="jobs")
    stack = lab.stack("data", {"Note": lab.note(), "Queue": queue, "Topic": lab.kept("T")})
    state = StackState("lab-data", "UPDATE_ROLLBACK_COMPLETE", ID)
    outcome = explain(lab.run(stack), stack, Watched(state, events), "Go on.")
    assert outcome.hint == (
        f"Queue ({events[2].physical_id}) was left outside the stack: the next deployment takes "
        f"it over. Topic ({topic.physical_id}) was left outside the stack: delete it by hand, "
        "otherwise the next update fails at its name. Go on."
    )


def test_a_failed_rollback_that_is_the_cause_is_told_once(lab: Lab) -> None:
    events = (
        event("lab-data", "UPDATE_ROLLBACK_IN_PROGRESS"),
        event("Other", "UPDATE_FAILED", "second"),
    )
    stack = sized(lab)
    state = StackState("lab-data", "UPDATE_ROLLBACK_FAILED", ID)
    outcome = explain(lab.run(stack), stack, Watched(state, events))
    assert outcome.reason == "data.Other (AWS::SQS::Queue): second"


def test_what_describe_events_says_of_the_stack_alone_does_not_hide_its_resources(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = (event("lab-data", "CREATE_FAILED", "resources failed"),)
    monkeypatch.setattr(CloudFormation, "failures", lambda *_: told)
    events = (event("Note", "CREATE_FAILED", "really"),)
    stack = sized(lab)
    state = StackState("lab-data", "ROLLBACK_COMPLETE", ID)
    outcome = explain(lab.run(stack), stack, Watched(state, events))
    assert outcome.reason == "data.Note (AWS::SQS::Queue): really"


def test_what_was_cancelled_by_hand_says_so(lab: Lab) -> None:
    stack = sized(lab)
    run = lab.run(stack)
    run.state.cancelling = True
    state = StackState("lab-data", "DELETE_COMPLETE", ID)
    assert explain(run, stack, Watched(state, ())).reason == "cancelled"


def test_a_failure_without_a_failed_resource_tells_the_stacks_own_reason(lab: Lab) -> None:
    stack = sized(lab)
    state = StackState("lab-data", "ROLLBACK_COMPLETE", reason="hook said no")
    run = lab.run(stack)
    assert explain(run, stack, Watched(state, ())).reason == "hook said no"
    silent = replace(state, reason="")
    assert explain(run, stack, Watched(silent, ())).reason == "ROLLBACK_COMPLETE"
