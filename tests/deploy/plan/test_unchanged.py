"""What a listing of stacks tells: with certainty that nothing is to be done, or nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.deploy.flow.events import Finished
from tapgen.deploy.flow.host import SILENT, Recorder
from tapgen.deploy.plan.unchanged import no_op_plan, unchanged
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.target.lock import locked
from tapgen.model.deployed.events import Failed, Unchanged, Updated
from tapgen.model.layer import OutputRef
from tapgen.model.plan import NoChange, Pending, Planned
from tapgen.model.templates.json_text import pretty
from tapgen.model.templates.seal import sealable, sealed
from tapgen.model.templates.template import Template
from tests.predicaments import mending

if TYPE_CHECKING:
    from tapgen.deploy.target.target import Target
    from tapgen.model.plan import Plan
    from tapgen.model.stack import Stack
    from tests.lab import Lab


def stacks(lab: Lab, value: str = "one", *, protected: bool = True) -> tuple[Stack, Stack]:
    network = lab.stack(
        "network",
        {"Note": lab.note({"Ref": "Value"})},
        parameters={"Value": value},
        defaults={"Left": "alone"},
        outputs={"Id": {"Ref": "Value"}},
        protected=protected,
    )
    data = lab.stack(
        "data",
        {"Note": lab.note({"Ref": "Id"}), "Table": lab.table("kept")},
        inputs={"Id": OutputRef("network", "Id")},
        protected=protected,
    )
    return network, data


def settled(lab: Lab, *declared: Stack) -> Plan | None:
    run = lab.run(*declared)
    return no_op_plan(run, run.target.graph)


def calls(target: Target) -> list[str]:
    """Names of the calls that the target's clients make from now on."""
    made: list[str] = []
    for service in ("cloudformation", "ssm", "sts"):
        client = target.account.client(service, "us-east-1")
        client.meta.events.register("before-call", lambda model, **_: made.append(model.name))
    return made


@pytest.mark.parametrize("protected", [False, True])
def test_nothing_to_do_is_told_by_two_calls(lab: Lab, protected: bool) -> None:
    network, data = stacks(lab, protected=protected)
    assert settled(lab, network, data) is None
    lab.deploy(network, data)
    run = lab.run(network, data)
    made = calls(run.target)
    plan = no_op_plan(run, run.target.graph)
    assert made == ["DescribeStacks", "GetParameter"]
    assert plan is not None
    assert plan.is_complete
    assert not plan.has_changes
    host = Recorder()
    outcomes = Deployment(run, run.target.graph).carry_out(plan, host)
    assert host.events == [Finished(layer, outcome, 0.0) for layer, outcome in outcomes.items()]
    assert [type(outcome) for outcome in outcomes.values()] == [Unchanged, Unchanged]
    assert outcomes["network"] == Unchanged({"Id": "one"})
    assert len(made) == 2


def test_one_layer_alone_is_compared_with_what_it_takes(lab: Lab) -> None:
    network, data = stacks(lab)
    lab.deploy(network, data)
    run = lab.run(network, data)
    target = run.target
    plan = no_op_plan(run, target.part(["data"]))
    assert plan is not None
    assert list(plan.entries) == ["data"]
    lab.deploy(stacks(lab, "two")[0])
    assert no_op_plan(run, target.part(["data"])) is None
    assert no_op_plan(run, target.part(["network"])) is None


def test_a_lock_means_that_nothing_is_certain(lab: Lab) -> None:
    network, data = stacks(lab)
    lab.deploy(network, data)
    with locked(lab.run(network, data), "deploy"):
        assert settled(lab, network, data) is None
    assert settled(lab, network, data) is not None


def test_what_another_environment_gives_is_asked_for(lab: Lab) -> None:
    network, data = stacks(lab)
    lab.deploy(network, data)
    foreign = replace(network, inputs={"Left": OutputRef("a", "B", environment="c")})
    assert settled(lab, foreign) is None
    assert settled(lab, foreign, data) is None


def deployed(lab: Lab, network: Stack) -> StackState:
    lab.deploy(network)
    return lab.target(network).describe("network")


def test_every_part_has_to_be_as_declared(lab: Lab) -> None:
    network, _ = stacks(lab)
    state = deployed(lab, network)
    run = lab.run(network)
    parameters = network.parameters
    assert unchanged(run, network, state, parameters)

    others: list[dict[str, Any]] = [
        {"status": "UPDATE_ROLLBACK_COMPLETE"},
        {"status": "CREATE_IN_PROGRESS"},
        {"status": "DELETE_COMPLETE"},
        {"seal": state.seal[:-2]},
        {"seal": ""},
        {"parameters": {"Value": "one", "Left": "else"}},
        {"parameters": {"Value": "one"}},
        {"tags": {**(state.tags or {}), "more": "x"}},
        {"tags": None},
        {"termination_protection": False},
        {"notification_arns": ("arn:aws:sns:us-east-1:1:t",)},
        {"stack_id": state.stack_id.replace(lab.account, "1" * 12)},
    ]
    for other in others:
        assert not unchanged(run, network, replace(state, **other), parameters), other
    assert not unchanged(run, network, state, {"Value": "two"})
    assert not unchanged(run, network, StackState("lab-network"), parameters)
    run.state.unfinished.add("network")
    assert not unchanged(run, network, state, parameters)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('{"Type": "String"}', '{"Type": "AWS::SSM::Parameter::Value<String>"}'),
        ('"Conditions": {}', '"Transform": "AWS::LanguageExtensions"'),
        ('"TapgenSeal": {', '"SomeSeal": {'),
    ],
)
def test_a_template_that_does_not_say_all_is_never_sure(lab: Lab, old: str, new: str) -> None:
    network, _ = stacks(lab)
    state = deployed(lab, network)
    text = network.template.text.replace(old, new)
    assert text != network.template.text
    stack = replace(network, template=Template("network", text))
    seen = replace(state, seal=stack.template.seal)
    assert not unchanged(lab.run(stack), stack, seen, stack.parameters)


def test_a_template_is_taken_over_that_changes_no_resource(lab: Lab) -> None:
    network, data = stacks(lab)
    lab.deploy(network, data)
    document = {**network.template.document, "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}}}
    text, seal = sealed(pretty(sealable("network", document)), network.policy())
    changed = replace(network, template=Template("network", text))
    deployment = lab.deployment(changed, data)
    plan = lab.plan(deployment)
    entry = plan.entries["network"]
    assert isinstance(entry, Planned)
    assert entry.change_set.changes == ()
    assert isinstance(plan.entries["data"], NoChange)  # no output that it takes may become another
    deployment.carry_out(plan, SILENT)
    assert isinstance(deployment.outcomes["network"], Updated)
    assert deployment.outcomes["network"].outputs == {"Id": "one"}
    assert lab.target(changed).describe("network").seal == seal
    assert settled(lab, changed, data) is not None


def test_planning_asks_for_no_change_set_where_all_is_as_declared(lab: Lab) -> None:
    network, data = stacks(lab)
    lab.deploy(network, data)
    deployment = lab.deployment(network, data)
    made = calls(deployment.run.target)
    plan = lab.plan(deployment)
    assert list(plan.entries) == ["network", "data"]
    assert all(isinstance(entry, NoChange) and entry.complete for entry in plan.entries.values())
    assert "CreateChangeSet" not in made
    full = lab.deployment(network, data, full=True)
    made = calls(full.run.target)
    plan = lab.plan(full)
    assert made.count("CreateChangeSet") == 2
    assert not plan.has_changes
    assert not plan.is_complete


def test_what_a_broken_off_run_left_is_seen_to(lab: Lab) -> None:
    network, data = stacks(lab)
    lab.deploy(network, data)
    run = lab.run(network, data)
    lab.client("cloudformation").set_stack_policy(
        StackName="lab-data", StackPolicyBody='{"Statement": []}'
    )
    assert settled(lab, network, data) is not None  # nobody has said that it may not be so
    with locked(run, "deploy"):
        run.state.unfinished.add("data")
    assert settled(lab, network, data) is None
    again = lab.run(network, data)
    with locked(again, "deploy"):
        deployment = Deployment(again, again.target.graph)
        plan = lab.plan(deployment)
        assert [e.complete for e in plan.entries.values() if isinstance(e, NoChange)] == [
            True,
            False,
        ]
        deployment.carry_out(plan, SILENT)
    assert lab.policy("data") == data.policy()
    assert settled(lab, network, data) is not None


def test_an_unchanged_stack_whose_input_turns_out_another_is_planned_again(lab: Lab) -> None:
    network, data = stacks(lab)
    lab.deploy(network, data)
    deployment = lab.deployment(*stacks(lab, "two"))
    plan = lab.plan(deployment)
    assert isinstance(plan.entries["network"], Planned)
    assert isinstance(plan.entries["data"], Pending)
    unaware = lab.plan(lab.deployment(network, data)).entries["data"]
    assert isinstance(unaware, NoChange)
    plan = replace(plan, entries={**plan.entries, "data": unaware})
    deployment.carry_out(plan, SILENT)
    assert isinstance(deployment.outcomes["data"], Updated)


def test_stacks_are_planned_together_and_what_may_change_is_taken_back(lab: Lab) -> None:
    network, data = stacks(lab)
    lab.deploy(network, data)
    changed = (
        replace(network, parameters={"Value": "two"}),
        replace(data, tags={**data.tags, "more": "x"}),
    )
    deployment = lab.deployment(*changed)
    made = calls(deployment.run.target)
    plan = lab.plan(deployment)
    assert made.count("CreateChangeSet") == 2
    assert isinstance(plan.entries["data"], Pending)
    assert lab.change_sets("data") == []
    assert len(lab.change_sets("network")) == 1
    deployment.carry_out(plan, SILENT)
    assert {type(outcome) for outcome in deployment.outcomes.values()} == {Updated}
    assert settled(lab, *changed) is not None


def test_a_failed_update_leaves_open_what_was_unfinished_before(lab: Lab, faults: Any) -> None:
    network, data = stacks(lab)
    lab.deploy(network, data)
    faults({"update:Note": "no"})
    deployment = lab.deployment(*stacks(lab, "two"))
    deployment.run.state.unfinished.add("network")
    deployment.carry_out(lab.plan(deployment), SILENT)
    assert isinstance(deployment.outcomes["network"], Failed)
    assert deployment.run.state.unfinished == {"network"}


def test_what_comes_to_rest_while_planning_is_waited_for(lab: Lab, faults: Any) -> None:
    network, data = stacks(lab)
    lab.deploy(network, data)
    faults({"hold": ["Note"]})
    lab.client("cloudformation").update_stack(
        StackName="lab-network",
        UsePreviousTemplate=True,
        Parameters=[
            {"ParameterKey": "Value", "ParameterValue": "two"},
            {"ParameterKey": "Left", "ParameterValue": "alone"},
        ],
        Tags=[{"Key": k, "Value": v} for k, v in network.tags.items()],
    )
    plan = lab.deployment(*stacks(lab, "two")).plan(mending(faults))
    assert isinstance(plan.entries["network"], NoChange)
    entry = plan.entries["data"]
    assert isinstance(entry, Planned)
    assert entry.parameters == {"Id": "two"}


def test_a_stack_that_was_changed_since_the_plan_is_brought_in_line(lab: Lab) -> None:
    network, data = stacks(lab)
    lab.deploy(network, data)
    deployment = lab.deployment(network, replace(data, tags={**data.tags, "more": "x"}))
    plan = lab.plan(deployment)
    lab.deploy(*stacks(lab, "two", protected=False))
    made = calls(deployment.run.target)
    deployment.carry_out(plan, SILENT)
    assert deployment.outcomes["network"] == Unchanged({"Id": "two"})
    assert made.count("UpdateTerminationProtection") == 2
    assert deployment.run.target.describe("data").parameters == {"Id": "two"}
