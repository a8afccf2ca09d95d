"""Deploying small stacks: failures, recovery, deadlines, protection, uploads."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.account import Connection
from tapgen.aws.artifacts import Artifacts
from tapgen.aws.cloudformation import CloudFormation
from tapgen.aws.stack_state import StackState
from tapgen.aws.watch import StoppedError, Watched
from tapgen.deploy import operations, step
from tapgen.deploy.change_sets import OpenChangeSets
from tapgen.deploy.durations import Durations
from tapgen.deploy.failures import explain
from tapgen.deploy.messages import Finished, Note, PlanReady, Progress, Started
from tapgen.errors import TapgenError
from tapgen.layers.layer import outputs_of
from tapgen.stacks.events import (
    Created,
    Failed,
    ResourceEvent,
    RootCause,
    Skipped,
    Unchanged,
    Updated,
)
from tapgen.stacks.plan import Leftover, Planned
from tests.deploy.predicaments import noticed
from tests.faults.world import hurried
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.stacks.stack import Stack
    from tests.deploy.conftest import Lab

    Faults = Callable[[dict[str, Any]], None]


def chain(lab: Lab, value: str = "one") -> tuple[Stack, ...]:
    """network <- data <- api, and zone that depends on nothing."""
    return (
        lab.stack(
            "network",
            {"Note": lab.note({"Ref": "Value"}), "Other": lab.note()},
            parameters={"Value": value},
            outputs={"Id": "1"},
        ),
        lab.stack(
            "data",
            {"Kept": lab.note({"Ref": "Id"})},
            inputs=outputs_of("network", "Id"),
            outputs={"Key": "2"},
        ),
        lab.stack("api", {"Far": lab.note({"Ref": "Key"})}, inputs=outputs_of("data", "Key")),
        lab.stack("zone", {"Zone": lab.note({"Ref": "Value"})}, parameters={"Value": value}),
    )


def notes(messages: list[Any]) -> list[str]:
    return [message.text for message in messages if isinstance(message, Note)]


def started(messages: list[Any]) -> list[str]:
    return [f"{m.layer}: {m.action}" for m in messages if isinstance(m, Started)]


def test_a_failure_names_its_cause_and_stops_only_what_depends_on_it(
    lab: Lab, faults: Faults
) -> None:
    faults({"create:Note": "no room for a note"})
    ran = lab.deploy(*chain(lab))
    failed = ran.outcomes["network"]
    assert isinstance(failed, Failed)
    assert failed.root_cause == RootCause(
        "network",
        "Note",
        "AWS::SSM::Parameter",
        failed.root_cause.reason if failed.root_cause else "",
    )
    assert failed.reason.startswith("network.Note (AWS::SSM::Parameter): ")
    assert "no room for a note" in failed.reason
    assert failed.status == "ROLLBACK_COMPLETE"
    assert "`tapgen deploy --env lab --local` again" in failed.hint
    assert ran.outcomes["data"] == Skipped("network failed")
    assert ran.outcomes["api"] == Skipped("data was skipped")
    assert isinstance(ran.outcomes["zone"], Created)
    assert {m.layer: m.outcome for m in ran.messages if isinstance(m, Finished)} == ran.outcomes
    assert any(m.event.is_failure for m in ran.messages if isinstance(m, Progress))

    faults({})
    again = lab.deploy(*chain(lab))
    assert again.plan is not None
    assert isinstance(again.plan.entries["network"], Leftover)
    assert {layer: type(outcome) for layer, outcome in again.outcomes.items()} == {
        "network": Created,
        "data": Created,
        "api": Created,
        "zone": Unchanged,
    }
    assert started(again.messages) == [
        "network: delete",
        "network: create",
        "data: create",
        "api: create",
    ]
    assert "ROLLBACK_COMPLETE: deleting what is left before making it again" in notes(
        again.messages
    )


def test_a_failed_update_is_rolled_back_and_planned_change_sets_of_others_go(
    lab: Lab, faults: Faults
) -> None:
    lab.deploy(*chain(lab))
    network, data, *rest = chain(lab, "two")
    changed = replace(data, tags={"Environment": "lab", "Layer": "new"})
    faults({"update:Note": "stays as it is"})
    deployment = lab.deployment(network, changed, *rest)
    plan = lab.plan(deployment)
    assert isinstance(plan.entries["data"], Planned)
    list(deployment.carry_out(plan))
    failed = deployment.outcomes["network"]
    assert isinstance(failed, Failed)
    assert failed.status == "UPDATE_ROLLBACK_COMPLETE"
    assert deployment.outcomes["data"] == Skipped("network failed")
    assert isinstance(deployment.outcomes["zone"], Updated)
    assert lab.change_sets("data") == []

    faults({})
    assert isinstance(lab.deploy(network, changed, *rest).outcomes["network"], Updated)


def test_a_leftover_that_cannot_be_deleted_is_a_failure(
    lab: Lab, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    (network, *_) = chain(lab)
    faults({"create:Note": "no"})
    lab.deploy(network)
    # The local AWS has nothing left to delete after a rollback, so its answer is made here.
    clings = ResourceEvent("1", "Other", "", "AWS::SSM::Parameter", "DELETE_FAILED", "clings")
    stays = Watched(StackState("lab-network", "DELETE_FAILED", "id"), (clings,))
    monkeypatch.setattr(operations, "delete", lambda *_: stays)
    outcome = lab.deploy(network).outcomes["network"]
    assert isinstance(outcome, Failed)
    assert outcome.status == "DELETE_FAILED"
    assert outcome.reason == "network.Other (AWS::SSM::Parameter): clings"


def test_a_leftover_that_somebody_made_again_is_not_deleted(lab: Lab, faults: Faults) -> None:
    (network, *_) = chain(lab)
    faults({"create:Note": "no"})
    lab.deploy(network)
    faults({})
    deployment = lab.deployment(network)
    plan = lab.plan(deployment)
    assert isinstance(plan.entries["network"], Leftover)
    lab.deploy(network)
    messages = list(deployment.carry_out(plan))
    assert isinstance(deployment.outcomes["network"], Unchanged)
    assert started(messages) == []


def test_a_stack_that_fails_while_it_is_made_again_elsewhere_is_told(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    (network, *_) = chain(lab)
    deployment = lab.deployment(network)
    plan = lab.plan(deployment)
    leftover = replace(plan, entries={"network": Leftover(network, "ROLLBACK_COMPLETE")})
    monkeypatch.setattr(step.Step, "_replan", lambda self: self.entry)
    list(deployment.carry_out(leftover))
    outcome = deployment.outcomes["network"]
    assert isinstance(outcome, Failed)
    assert outcome.reason == "stack lab-network changed while it was being deployed"


def test_an_operation_of_another_run_is_watched_to_its_end(lab: Lab, faults: Faults) -> None:
    (network, *_) = chain(lab)
    faults({"hold": ["Note"]})
    first = lab.deployment(network)
    plan = lab.plan(first)
    worker = threading.Thread(target=lambda: list(first.carry_out(plan)))
    worker.start()
    wait_until(lambda: lab.status("network") == "CREATE_IN_PROGRESS")
    second = lab.deployment(network)
    messages = noticed(second.plan(), faults)
    assert notes(messages) == ["CREATE_IN_PROGRESS from an earlier run: watching it to its end"]
    assert [m.event.status for m in messages if isinstance(m, Progress)][-1] == "CREATE_COMPLETE"
    worker.join()
    assert isinstance(first.outcomes["network"], Created)
    assert isinstance(lab.deploy(network).outcomes["network"], Unchanged)


@pytest.mark.slow
def test_a_deletion_of_another_run_is_watched_and_the_stack_made_again(
    lab: Lab, faults: Faults
) -> None:
    (network, *_) = chain(lab)
    lab.deploy(network)
    faults({"hold": ["Note"]})
    lab.client("cloudformation").delete_stack(StackName="lab-network")
    deployment = lab.deployment(network)
    ready = noticed(deployment.plan(), faults)[-1]
    assert isinstance(ready, PlanReady)
    list(deployment.carry_out(ready.plan))
    assert isinstance(deployment.outcomes["network"], Created)


def once_stopped(patch: pytest.MonkeyPatch, faults: Faults) -> None:
    """Let go of what is held when AWS has been asked to stop it."""
    stop = operations.stop

    def stopping(*arguments: Any) -> bool:
        asked = stop(*arguments)
        faults({})
        return asked

    patch.setattr(operations, "stop", stopping)


@pytest.mark.slow
def test_a_creation_that_takes_too_long_is_deleted(
    lab: Lab, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    (network, *_) = chain(lab)
    late = replace(network, layer="certificate", name="lab-certificate", deadline_minutes=0)
    monkeypatch.setattr(step, "CERTIFICATE", "certificate")
    faults({"hold": ["Note"]})
    once_stopped(monkeypatch, faults)
    ran = lab.deploy(late, skip_delegation_check=True)
    outcome = ran.outcomes["certificate"]
    assert isinstance(outcome, Failed)
    assert outcome.reason == "certificate was not done after 0 minutes and was cancelled"
    assert "`tapgen outputs --env lab --local`" in outcome.hint
    assert "not done after 0 minutes: cancelling" in notes(ran.messages)
    assert lab.status("certificate") == "ABSENT"


@pytest.mark.slow
def test_an_update_that_takes_too_long_is_rolled_back(
    lab: Lab, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    (network, *_) = chain(lab)
    lab.deploy(network)
    changed = replace(chain(lab, "two")[0], deadline_minutes=0)
    more = json.loads(changed.template.text)
    more["Resources"]["Late"] = {**lab.note(), "DependsOn": "Note"}
    changed = replace(changed, template=replace(changed.template, text=json.dumps(more)))
    faults({"hold": ["Note"]})
    once_stopped(monkeypatch, faults)
    outcome = lab.deploy(changed).outcomes["network"]
    assert isinstance(outcome, Failed)
    assert outcome.reason == "network was not done after 0 minutes and was cancelled"
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    assert outcome.hint == (
        "If it needs longer, raise timeout_minutes.network. "
        "Then run `tapgen deploy --env lab --local` again."
    )


def test_an_operation_that_ends_at_its_deadline_has_succeeded(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    (network, *_) = chain(lab)
    late = replace(network, deadline_minutes=0)
    real = operations.cancel

    def in_the_meantime(*arguments: Any) -> Any:
        wait_until(lambda: lab.status("network") == "CREATE_COMPLETE")
        return real(*arguments)

    monkeypatch.setattr(operations, "cancel", in_the_meantime)
    monkeypatch.setattr(CloudFormation, "events_after", lambda *_: [])
    assert isinstance(lab.deploy(late).outcomes["network"], Created)


def test_a_failure_without_a_failed_resource_tells_the_stacks_own_reason(lab: Lab) -> None:
    (network, *_) = chain(lab)
    state = StackState("lab-network", "ROLLBACK_COMPLETE", reason="hook said no")
    target = lab.target(network)
    assert explain(target, network, Watched(state, ()), "").reason == "hook said no"
    silent = replace(state, reason="")
    assert explain(target, network, Watched(silent, ()), "").reason == "ROLLBACK_COMPLETE"


def test_a_call_that_aws_refuses_fails_the_stack_and_leaves_nothing_behind(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any) -> None:
        raise TapgenError("executing the change set: AccessDenied", "ask")

    (network, *_) = chain(lab)
    monkeypatch.setattr(CloudFormation, "execute", refused)
    outcome = lab.deploy(network).outcomes["network"]
    assert outcome == Failed("executing the change set: AccessDenied", hint="ask")
    assert lab.status("network") == "ABSENT"


def test_what_is_discarded_is_never_executed(lab: Lab) -> None:
    (network, *_) = chain(lab)
    deployment = lab.deployment(network)
    plan = lab.plan(deployment)
    entry = plan.entries["network"]
    assert isinstance(entry, Planned)
    change_sets = OpenChangeSets(deployment.target)
    change_sets.add(entry)
    change_sets.discard_all()
    with pytest.raises(StoppedError):
        change_sets.take(entry)
    assert lab.status("network") == "ABSENT"


def storage(lab: Lab) -> Stack:
    bucket = f"lab-artifacts-{lab.account}"
    return lab.stack(
        "storage",
        {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": bucket}}},
        outputs={"ArtifactsBucketName": {"Ref": "Bucket"}},
    )


def compute(lab: Lab) -> Stack:
    return lab.stack(
        "compute",
        {"Note": lab.note({"Fn::Sub": "${ArtifactsBucketName}/${CodeKey}"})},
        parameters={"CodeKey": lab.code.key},
        settings={"CodeKey": "code.key"},
        inputs=outputs_of("storage", "ArtifactsBucketName"),
    )


def test_function_code_is_there_before_the_functions_are(lab: Lab) -> None:
    ran = lab.deploy(storage(lab), compute(lab))
    assert isinstance(ran.outcomes["compute"], Created)
    assert f"uploaded {lab.code.key}" in notes(ran.messages)
    stored = lab.client("s3").get_object(Bucket=f"lab-artifacts-{lab.account}", Key=lab.code.key)
    with zipfile.ZipFile(io.BytesIO(stored["Body"].read())) as archive:
        assert archive.namelist() == ["functions/handler.py"]

    changed = replace(compute(lab), tags={"Environment": "lab", "Layer": "x"})
    again = lab.deploy(storage(lab), changed)
    assert isinstance(again.outcomes["compute"], Updated)
    assert f"uploaded {lab.code.key}" not in notes(again.messages)


def with_domain(lab: Lab) -> tuple[Stack, Stack]:
    return (
        lab.stack("zone", {"Note": lab.note()}, outputs={"Id": "Z", "NameServers": "ns1.x,ns2.x"}),
        lab.stack(
            "certificate",
            {"Note": lab.note({"Ref": "Id"})},
            parameters={"DomainName": "dev.example.com"},
            inputs=outputs_of("zone", "Id"),
            deadline_minutes=45,
        ),
    )


def test_the_certificate_waits_for_a_delegation_but_not_locally(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def undelegated(domain: str, servers: list[str]) -> None:
        asked.append((domain, servers))
        raise TapgenError("not delegated", "enter these")

    monkeypatch.setattr(step, "check_delegation", undelegated)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", lab.account)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    like_aws = Connection(endpoint_url=lab.local.endpoint_url)
    stacks = with_domain(lab)
    deployment = lab.deployment(*stacks)
    deployment = replace(deployment, target=lab.target(*stacks, connection=like_aws))
    deployment.target.durations = Durations()  # not those of whoever runs this
    with hurried():
        list(deployment.carry_out(lab.plan(deployment)))
    assert deployment.outcomes["certificate"] == Failed("not delegated", hint="enter these")
    assert asked == [("dev.example.com", ["ns1.x", "ns2.x"])]
    assert lab.status("certificate") == "ABSENT"

    ran = lab.deploy(*stacks)
    assert isinstance(ran.outcomes["certificate"], Created)
    assert notes(ran.messages)[:2] == [
        "delegation of the domain is not checked",
        "waiting for AWS to see the validation record in public DNS, at most 45 minutes",
    ]
    # An existing certificate is validated already.
    changed = replace(stacks[1], tags={"Environment": "lab", "Layer": "x"})
    assert "delegation of the domain is not checked" not in notes(
        lab.deploy(stacks[0], changed).messages
    )


def test_policy_and_termination_protection_follow_the_settings_without_a_change(lab: Lab) -> None:
    def data(*, protected: bool) -> Stack:
        return lab.stack("data", {"Table": lab.table("kept")}, protected=protected)

    def protection() -> bool:
        stack = lab.client("cloudformation").describe_stacks(StackName="lab-data")["Stacks"][0]
        return bool(stack["EnableTerminationProtection"])

    lab.deploy(data(protected=False))
    assert (lab.policy("data"), protection()) == (data(protected=False).policy(), False)

    ran = lab.deploy(data(protected=True))
    assert isinstance(ran.outcomes["data"], Unchanged)
    assert notes(ran.messages) == ["stack policy set", "termination protection on"]
    assert (lab.policy("data"), protection()) == (data(protected=True).policy(), True)
    assert lab.policy("data")["Statement"][1]["Resource"] == ["LogicalResourceId/Table"]

    assert notes(lab.deploy(data(protected=True)).messages) == []
    ran = lab.deploy(data(protected=False))
    assert notes(ran.messages) == ["stack policy set", "termination protection off"]
    assert (lab.policy("data"), protection()) == (data(protected=False).policy(), False)


def role(**named: str) -> dict[str, Any]:
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "lambda.amazonaws.com"},
    }
    document = {"Version": "2012-10-17", "Statement": [trust]}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document, **named}}


@pytest.mark.parametrize(
    ("resources", "capabilities"),
    [
        ({"Role": role()}, ["CAPABILITY_IAM"]),
        ({"Role": role(RoleName="lab")}, ["CAPABILITY_NAMED_IAM"]),
        ({"Plain": {"Type": "AWS::SNS::Topic"}}, []),
    ],
)
def test_no_more_capabilities_are_asked_for_than_needed(
    lab: Lab, resources: dict[str, Any], capabilities: list[str]
) -> None:
    assert isinstance(lab.deploy(lab.stack("api", resources)).outcomes["api"], Created)
    stack = lab.client("cloudformation").describe_stacks(StackName="lab-api")["Stacks"][0]
    assert stack.get("Capabilities", []) == capabilities


def test_stacks_of_two_regions_take_from_each_other(lab: Lab) -> None:
    near = lab.stack("api", {"Note": lab.note()}, outputs={"Name": "api.x"}, region="eu-west-1")
    far = lab.stack("cdn", {"Note": lab.note({"Ref": "Name"})}, inputs=outputs_of("api", "Name"))
    assert isinstance(lab.deploy(near, far).outcomes["cdn"], Created)
    assert (lab.status("api", "eu-west-1"), lab.status("cdn")) == ("CREATE_COMPLETE",) * 2
    assert lab.status("api") == "ABSENT"


def test_artifacts_are_uploaded_once(lab: Lab) -> None:
    target = lab.target(storage(lab))
    lab.deploy(storage(lab))
    artifacts = Artifacts(target.account, "us-east-1", f"lab-artifacts-{lab.account}")
    assert artifacts.put("key", b"content")
    assert not artifacts.put("key", b"content")
