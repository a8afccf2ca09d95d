"""One stack of a deployment: leftovers, deadlines, uploads, what a change set does not carry."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.cloudformation.api import CloudFormation
from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.aws.cloudformation.watch import Watched
from tapgen.deploy.adopt.consent import Consent
from tapgen.deploy.flow.host import SILENT, Recorder
from tapgen.deploy.plan.unchanged import no_op_plan
from tapgen.deploy.run import step
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.run.step import Choices
from tapgen.deploy.stack import operations
from tapgen.errors import TapgenError
from tapgen.model.deployed.events import (
    Created,
    Failed,
    ResourceEvent,
    Unchanged,
    Updated,
)
from tapgen.model.layer import outputs_of
from tapgen.model.plan import FailedCreation
from tests.deploy.run.chain import chain, notes, once_stopped, started
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.model.stack import Stack
    from tests.lab import Lab

    Faults = Callable[[dict[str, Any]], None]


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
    assert isinstance(plan.entries["network"], FailedCreation)
    lab.deploy(network)
    host = Recorder()
    deployment.carry_out(plan, host)
    assert isinstance(deployment.outcomes["network"], Unchanged)
    assert started(host.events) == []


def test_a_stack_that_fails_while_it_is_made_again_elsewhere_is_told(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    (network, *_) = chain(lab)
    deployment = lab.deployment(network)
    plan = lab.plan(deployment)
    leftover = replace(plan, entries={"network": FailedCreation(network, "ROLLBACK_COMPLETE")})
    monkeypatch.setattr(step.Step, "_replan", lambda self: self.entry)
    deployment.carry_out(leftover, SILENT)
    outcome = deployment.outcomes["network"]
    assert isinstance(outcome, Failed)
    assert outcome.reason == "stack lab-network changed while it was being deployed"


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


def test_a_layer_that_lacks_others_names_the_command_that_makes_them_all(lab: Lab) -> None:
    network, data = chain(lab)[:2]
    zone = lab.stack("zone", {"Note": lab.note()})
    deployment = lab.deployment(network, data, zone, layers=("data",))
    deployment.graph = deployment.run.target.part(["data"])
    failed = deployment.carry_out(lab.plan(deployment), SILENT)["data"]
    assert isinstance(failed, Failed)
    assert failed.hint == (
        "`tapgen deploy --env lab --layer network --layer data --local` deploys network too."
    )


def test_a_call_that_aws_refuses_fails_the_stack_and_leaves_nothing_behind(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any) -> None:
        raise TapgenError("executing the change set: AccessDenied", "Ask.")

    (network, *_) = chain(lab)
    monkeypatch.setattr(CloudFormation, "execute", refused)
    outcome = lab.deploy(network).outcomes["network"]
    assert outcome == Failed(
        "executing the change set: AccessDenied",
        hint="Ask. `tapgen deploy --env lab --local` continues from there.",
    )
    assert lab.status("network") == "ABSENT"


def compute(lab: Lab) -> Stack:
    return lab.stack(
        "compute",
        {"Note": lab.note({"Fn::Sub": "${ArtifactsBucketName}/${CodeKey}"})},
        parameters={"CodeKey": lab.code.key},
        settings={"CodeKey": "code.key"},
        inputs=outputs_of("storage", "ArtifactsBucketName"),
    )


def protects(lab: Lab) -> bool:
    table = lab.client("dynamodb").describe_table(TableName="lab-data")["Table"]
    return bool(table["DeletionProtectionEnabled"])


@pytest.mark.slow
def test_a_creation_ends_with_protection_and_one_that_fails_leaves_nothing(
    lab: Lab, faults: Faults
) -> None:
    faults({"create:Late": "no"})
    failed = lab.deploy(lab.guarded()).outcomes["data"]
    assert isinstance(failed, Failed)
    assert failed.status == "ROLLBACK_COMPLETE"
    assert lab.client("dynamodb").list_tables()["TableNames"] == []
    faults({})
    ran = lab.deploy(lab.guarded())
    assert ran.outcomes["data"] == Created({"TableName": "lab-data"})
    assert started(ran.events) == ["data: delete", "data: create", "data: protect"]
    assert "protecting against deletion: Table" in notes(ran.events)
    assert protects(lab)
    assert lab.policy("data") == lab.guarded().policy()
    run = lab.run(lab.guarded())
    assert run.target.describe("data").termination_protection
    assert no_op_plan(run, run.target.graph)


@pytest.mark.slow
def test_a_stack_that_could_not_be_protected_is_settled_by_the_next_deployment(
    lab: Lab, faults: Faults
) -> None:
    faults({"update:Table": "no"})
    failed = lab.deploy(lab.guarded()).outcomes["data"]
    assert isinstance(failed, Failed)
    assert failed.status == "UPDATE_ROLLBACK_COMPLETE"
    faults({})
    run = lab.run(lab.guarded())
    assert no_op_plan(run, run.target.graph) is None
    ran = lab.deploy(lab.guarded("two"))
    assert isinstance(ran.outcomes["data"], Updated)
    assert started(ran.events) == ["data: update", "data: protect"]
    assert protects(lab)


@pytest.mark.slow
def test_a_run_that_dies_before_the_protection_is_finished_by_the_next_one(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: Any) -> None:
        raise TapgenError("the connection is gone")

    with monkeypatch.context() as patch:
        patch.setattr(step.Step, "_settle", dies)
        assert isinstance(lab.deploy(lab.guarded()).outcomes["data"], Failed)
    assert (lab.status("data"), protects(lab)) == ("CREATE_COMPLETE", False)
    ran = lab.deploy(lab.guarded())
    assert isinstance(ran.outcomes["data"], Updated)
    assert started(ran.events) == ["data: update"]
    assert protects(lab)


@pytest.mark.slow
def test_what_is_taken_over_is_protected_with_the_rest(lab: Lab) -> None:
    tags = [{"Key": name, "Value": value} for name, value in lab.guarded().identity.items()]
    lab.client("dynamodb").create_table(**lab.table("lab-data")["Properties"], Tags=tags)
    ran = lab.deploy(lab.guarded())
    assert ran.outcomes["data"] == Created({"TableName": "lab-data"}, ("Table",))
    assert started(ran.events) == [
        *("data: create", "data: adopt", "data: update", "data: protect")
    ]
    assert protects(lab)


def test_function_code_is_there_before_the_functions_are(lab: Lab) -> None:
    ran = lab.deploy(lab.storage(), compute(lab))
    assert isinstance(ran.outcomes["compute"], Created)
    assert f"uploaded {lab.code.key}" in notes(ran.events)
    stored = lab.client("s3").get_object(Bucket=f"lab-artifacts-{lab.account}", Key=lab.code.key)
    with zipfile.ZipFile(io.BytesIO(stored["Body"].read())) as archive:
        assert archive.namelist() == ["functions/handler.py"]

    changed = replace(compute(lab), tags={**compute(lab).tags, "Owner": "x"})
    again = lab.deploy(lab.storage(), changed)
    assert isinstance(again.outcomes["compute"], Updated)
    assert f"uploaded {lab.code.key}" not in notes(again.events)


def test_code_without_a_bucket_to_take_it_from_is_told(lab: Lab) -> None:
    forgotten = lab.stack(
        "compute",
        {"Note": lab.note({"Ref": "CodeKey"})},
        parameters={"CodeKey": lab.code.key},
        settings={"CodeKey": "code.key"},
    )
    outcome = lab.deploy(lab.storage(), forgotten).outcomes["compute"]
    assert isinstance(outcome, Failed)
    assert outcome.reason == "compute has function code, but no bucket to read it from"
    assert "`artifacts` output to its inputs" in outcome.hint
    assert lab.status("compute") == "ABSENT"


def test_a_stack_policy_that_was_set_by_hand_does_not_fail_the_update(lab: Lab) -> None:
    def data(value: str) -> Stack:
        return lab.stack("data", {"Note": lab.note(value)}, protected=True)

    lab.deploy(data("one"))
    deny = {"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "*"}
    lab.client("cloudformation").set_stack_policy(
        StackName="lab-data", StackPolicyBody=json.dumps({"Statement": [deny]})
    )
    ran = lab.deploy(data("two"))
    assert isinstance(ran.outcomes["data"], Updated)
    assert notes(ran.events) == [
        "the stack policy was changed by hand and may deny this update",
        "stack policy set",
    ]
    assert lab.policy("data") == data("two").policy()


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
    assert notes(ran.events) == ["stack policy set", "termination protection on"]
    assert (lab.policy("data"), protection()) == (data(protected=True).policy(), True)
    assert lab.policy("data")["Statement"][1]["Resource"] == ["LogicalResourceId/Table"]

    assert notes(lab.deploy(data(protected=True)).events) == []
    ran = lab.deploy(data(protected=False))
    assert notes(ran.events) == ["stack policy set", "termination protection off"]
    assert (lab.policy("data"), protection()) == (data(protected=False).policy(), False)


@pytest.mark.parametrize(
    ("choices", "way"),
    [
        ({"layers": ("data",)}, "deploy --env lab --layer network --layer data --local"),
        ({"layers": ("data",), "consent": Consent("data")}, "deploy --env lab --layer network"),
    ],
)
def test_what_it_takes_from_may_go_after_the_plan(
    lab: Lab, choices: dict[str, Any], way: str
) -> None:
    network, *others = chain(lab)
    lab.deploy(network)
    run = lab.run(network, *others)
    deployment = Deployment(run, run.target.part(["data"]), Choices(**choices))
    plan = lab.plan(deployment)
    lab.destroy(network)
    outcome = deployment.carry_out(plan, SILENT)["data"]
    assert isinstance(outcome, Failed)
    assert outcome.reason == "data needs network.Id, which is not deployed"
    assert f"`tapgen {way}" in outcome.hint
