"""Deploying small stacks: failures, recovery, deadlines, protection, uploads."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.deploy.flow.events import Finished, PlanReady, Progress
from tapgen.deploy.flow.host import SILENT
from tapgen.model.deployed.events import (
    Created,
    Failed,
    RootCause,
    Skipped,
    Unchanged,
    Updated,
)
from tapgen.model.layer import outputs_of
from tapgen.model.plan import FailedCreation, Planned
from tests.deploy.run.chain import chain, notes, started
from tests.predicaments import mending
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lab import Lab

    Faults = Callable[[dict[str, Any]], None]


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
    assert {m.layer: m.outcome for m in ran.events if isinstance(m, Finished)} == ran.outcomes
    assert any(m.event.is_failure for m in ran.events if isinstance(m, Progress))

    faults({})
    again = lab.deploy(*chain(lab))
    assert again.plan is not None
    assert isinstance(again.plan.entries["network"], FailedCreation)
    assert {layer: type(outcome) for layer, outcome in again.outcomes.items()} == {
        "network": Created,
        "data": Created,
        "api": Created,
        "zone": Unchanged,
    }
    assert started(again.events) == [
        "network: delete",
        "network: create",
        "data: create",
        "api: create",
    ]
    assert "ROLLBACK_COMPLETE: deleting the failed stack before creating it again" in notes(
        again.events
    )


def test_a_failed_update_is_rolled_back_and_planned_change_sets_of_others_go(
    lab: Lab, faults: Faults
) -> None:
    lab.deploy(*chain(lab))
    network, data, *rest = chain(lab, "two")
    changed = replace(data, tags={**data.tags, "Owner": "new"})
    faults({"update:Note": "stays as it is"})
    deployment = lab.deployment(network, changed, *rest)
    plan = lab.plan(deployment)
    assert isinstance(plan.entries["data"], Planned)
    deployment.carry_out(plan, SILENT)
    failed = deployment.outcomes["network"]
    assert isinstance(failed, Failed)
    assert failed.status == "UPDATE_ROLLBACK_COMPLETE"
    assert deployment.outcomes["data"] == Skipped("network failed")
    assert isinstance(deployment.outcomes["zone"], Updated)
    assert lab.change_sets("data") == []

    faults({})
    assert isinstance(lab.deploy(network, changed, *rest).outcomes["network"], Updated)


def test_an_operation_of_another_run_is_watched_to_its_end(lab: Lab, faults: Faults) -> None:
    (network, *_) = chain(lab)
    faults({"hold": ["Note"]})
    first = lab.deployment(network)
    plan = lab.plan(first)
    worker = threading.Thread(target=first.carry_out, args=(plan, SILENT))
    worker.start()
    wait_until(lambda: lab.status("network") == "CREATE_IN_PROGRESS")
    second = lab.deployment(network)
    host = mending(faults)
    second.plan(host)
    assert notes(host.events) == ["CREATE_IN_PROGRESS from an earlier run: watching it to its end"]
    seen = [event.event.status for event in host.events if isinstance(event, Progress)]
    assert seen[-1] == "CREATE_COMPLETE"
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
    host = mending(faults)
    plan = deployment.plan(host)
    assert host.events[-1] == PlanReady(plan)
    deployment.carry_out(plan, SILENT)
    assert isinstance(deployment.outcomes["network"], Created)


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
