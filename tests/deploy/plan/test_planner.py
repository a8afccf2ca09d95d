"""Planning small stacks in the local AWS: what each entry of the plan says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.account import Connection
from tapgen.aws.cloudformation.api import CloudFormation
from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.deploy.flow.events import Planning, PlanReady
from tapgen.deploy.flow.host import SILENT, Recorder
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.target.durations import Durations
from tapgen.deploy.target.run import Run
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.changes.causes import in_words
from tapgen.model.changes.settling import protected_later
from tapgen.model.deployed.events import Created, Failed, Skipped, Unchanged, Updated
from tapgen.model.layer import OutputRef, outputs_of
from tapgen.model.plan import Blocked, FailedCreation, NoChange, Pending, Planned

if TYPE_CHECKING:
    from tapgen.model.stack import Stack
    from tests.lab import Lab


def upstream(lab: Lab, value: str = "one", **more: Any) -> Stack:
    return lab.stack(
        "network",
        {"Note": lab.note({"Ref": "Value"}, **more)},
        parameters={"Value": value},
        outputs={
            "Fixed": "vpc-1",
            "Told": {"Fn::GetAtt": ["Note", "Value"]},
            "Ref": {"Ref": "Note"},
        },
    )


def downstream(lab: Lab, output: str) -> Stack:
    inputs = outputs_of("network", output)
    return lab.stack("data", {"Note": lab.note({"Ref": output})}, inputs=inputs)


def test_the_first_plan_is_honest_about_what_it_cannot_know(lab: Lab) -> None:
    deployment = lab.deployment(upstream(lab), downstream(lab, "Fixed"))
    host = Recorder()
    plan = deployment.plan(host)
    planning = [event.layer for event in host.events if isinstance(event, Planning)]
    assert planning == ["network", "data"]
    assert host.events[-1] == PlanReady(plan)
    network, data = plan.entries.values()
    assert isinstance(network, Planned)
    assert (network.kind, [c.logical_id for c in network.change_set.changes]) == (
        "CREATE",
        ["Note"],
    )
    assert data == Pending(deployment.run.target.stacks["data"], (OutputRef("network", "Fixed"),))
    assert plan.has_changes
    deployment.discard(plan)
    assert lab.status("network") == "ABSENT"


def test_a_stack_waits_for_what_it_takes_although_it_is_there_itself(lab: Lab) -> None:
    stacks = upstream(lab), downstream(lab, "Fixed")
    lab.deploy(*stacks)
    lab.client("cloudformation").delete_stack(StackName="lab-network")
    plan = lab.plan(lab.deployment(*stacks))
    network, data = plan.entries.values()
    assert isinstance(network, Planned)
    assert network.kind == "CREATE"
    assert data == Pending(stacks[1], (OutputRef("network", "Fixed"),))
    assert lab.status("data") == "CREATE_COMPLETE"


def test_a_setting_that_turns_a_condition_false_removes_and_is_named_as_the_cause(
    lab: Lab,
) -> None:
    def switched(mode: str) -> Stack:
        return lab.stack(
            "network",
            {
                "Gateway": {**lab.note(), "Condition": "HasNat"},
                "Route": lab.note({"Fn::If": ["HasNat", "gateway", "nowhere"]}),
            },
            parameters={"Mode": mode},
            settings={"Mode": "network.nat"},
            conditions={"HasNat": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Mode"}, "none"]}]}},
        )

    lab.deploy(switched("single"))
    planned = lab.deploy(switched("none")).plan
    assert planned is not None
    (entry,) = planned.planned
    told = {change.logical_id: change for change in entry.change_set.changes}
    assert {name: change.action for name, change in told.items()} == {
        "Gateway": "Remove",
        "Route": "Modify",
    }
    causes = in_words(entry.stack, told["Route"].details, entry.change_set.changes)
    assert causes == ("setting network.nat changed",)
    assert isinstance(lab.deploy(switched("none")).outcomes["network"], Unchanged)


def test_discarding_twice_is_fine(lab: Lab) -> None:
    deployment = lab.deployment(upstream(lab))
    plan = lab.plan(deployment)
    deployment.discard(plan)
    deployment.discard(plan)
    assert lab.status("network") == "ABSENT"


def test_a_second_run_changes_nothing(lab: Lab) -> None:
    stacks = upstream(lab), downstream(lab, "Told")
    assert {n: type(o) for n, o in lab.deploy(*stacks).outcomes.items()} == {
        "network": Created,
        "data": Created,
    }
    events = lab.client("cloudformation").describe_stack_events(StackName="lab-data")
    again = lab.deploy(*stacks)
    assert again.plan is not None
    assert not again.plan.has_changes
    assert again.outcomes["network"] == Unchanged(
        {"Fixed": "vpc-1", "Told": "one", "Ref": again.plan.entries["network"].outputs["Ref"]}  # type: ignore[union-attr] # it is Same
    )
    assert isinstance(again.outcomes["data"], Unchanged)
    after = lab.client("cloudformation").describe_stack_events(StackName="lab-data")
    assert after["StackEvents"] == events["StackEvents"]


def test_only_what_may_change_makes_the_next_stack_wait(lab: Lab) -> None:
    lab.deploy(upstream(lab), downstream(lab, "Fixed"))
    deployment = lab.deployment(upstream(lab, "two"), downstream(lab, "Fixed"))
    plan = lab.plan(deployment)
    assert isinstance(plan.entries["network"], Planned)
    assert isinstance(plan.entries["data"], NoChange)
    deployment.carry_out(plan, SILENT)
    assert isinstance(deployment.outcomes["network"], Updated)
    assert isinstance(deployment.outcomes["data"], Unchanged)

    deployment = lab.deployment(upstream(lab, "two", Name="/renamed"), downstream(lab, "Ref"))
    plan = lab.plan(deployment)
    assert isinstance(plan.entries["data"], Pending)
    deployment.discard(plan)
    assert lab.change_sets("network") == []


def told_only(lab: Lab, size: str, told: Any, parameter: str) -> Stack:
    """A stack whose output says something that no resource of it mentions."""
    return lab.stack(
        "network",
        {"Note": lab.note({"Ref": "Size"})},
        parameters={"Size": size, "Word": parameter},
        outputs={"Told": told},
    )


@pytest.mark.parametrize(
    ("before", "after", "foreseen"),
    [
        (({"Ref": "Word"}, "a"), ({"Ref": "Word"}, "b"), True),
        (("a", ""), ("b", ""), False),  # the template says something else: found when it is there
    ],
)
def test_an_output_that_changes_alone_still_reaches_the_next_stack(
    lab: Lab, before: tuple[Any, str], after: tuple[Any, str], foreseen: bool
) -> None:
    lab.deploy(told_only(lab, "1", *before), downstream(lab, "Told"))
    deployment = lab.deployment(told_only(lab, "2", *after), downstream(lab, "Told"))
    plan = lab.plan(deployment)
    assert isinstance(plan.entries["data"], Pending if foreseen else NoChange)
    deployment.carry_out(plan, SILENT)
    assert isinstance(deployment.outcomes["data"], Updated)
    assert lab.target(downstream(lab, "Told")).describe("data").parameters == {"Told": "b"}


def test_inputs_of_a_layer_that_is_not_chosen_come_from_its_stack(lab: Lab) -> None:
    deployment = lab.deployment(upstream(lab), downstream(lab, "Fixed"))
    deployment.graph = deployment.run.target.part(["data"])
    plan = lab.plan(deployment)
    assert isinstance(plan.entries["data"], Pending)
    deployment.carry_out(plan, SILENT)
    outcome = deployment.outcomes["data"]
    assert isinstance(outcome, Failed)
    assert outcome.reason == "data needs network.Fixed, which is not deployed"
    assert outcome.hint == "`tapgen deploy --env lab --local` deploys network too."

    lab.deploy(upstream(lab))
    deployment.outcomes.clear()
    plan = lab.plan(deployment)
    assert list(plan.entries) == ["data"]
    deployment.carry_out(plan, SILENT)
    assert isinstance(deployment.outcomes["data"], Created)


def test_an_optional_input_falls_back_to_the_default(lab: Lab) -> None:
    source = OutputRef("network", "Gone", optional=True)
    data = lab.stack(
        "data",
        {"Note": lab.note({"Ref": "Gone"})},
        inputs={"Gone": source},
        outputs={"Value": {"Fn::GetAtt": ["Note", "Value"]}},
    )
    text = data.template.text.replace('{"Type": "String"}', '{"Type": "String", "Default": "none"}')
    data = replace(data, template=replace(data.template, text=text))
    outcome = lab.deploy(upstream(lab), data).outcomes["data"]
    assert isinstance(outcome, Created)
    assert outcome.outputs == {"Value": "none"}


def test_inputs_that_changed_since_the_plan_are_planned_afresh(lab: Lab) -> None:
    network, data = upstream(lab), downstream(lab, "Told")
    lab.deploy(network, data)
    changed = replace(data, tags={**data.tags, "Owner": "other"})
    deployment = lab.deployment(network, changed)
    plan = lab.plan(deployment)
    planned = plan.entries["data"]
    assert isinstance(planned, Planned)
    assert planned.parameters == {"Told": "one"}
    lab.deploy(upstream(lab, "two"))
    deployment.carry_out(plan, SILENT)
    assert isinstance(deployment.outcomes["data"], Updated)
    assert deployment.run.target.describe("data").parameters == {"Told": "two"}
    assert lab.change_sets("data") == []


def test_a_stack_that_cannot_be_planned_blocks_only_itself(lab: Lab) -> None:
    bad = lab.stack("network", {"Note": lab.note({"Ref": "Nothing"})}, outputs={"Fixed": "1"})
    other = lab.stack("zone", {"Note": lab.note()})
    stacks = bad, downstream(lab, "Fixed"), other
    ran = lab.deploy(*stacks)
    assert ran.plan is not None
    blocked = ran.plan.entries["network"]
    assert isinstance(blocked, Blocked)
    assert "Unresolved resource dependencies [Nothing]" in blocked.reason
    failed, skipped = ran.outcomes["network"], ran.outcomes["data"]
    assert isinstance(failed, Failed)
    assert failed.reason == blocked.reason
    assert skipped == Skipped("network failed")
    assert isinstance(ran.outcomes["zone"], Created)
    assert lab.status("network") == "ABSENT"


def test_a_wrong_account_is_refused_before_anything_happens(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "999999999999")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    stack = upstream(lab)
    foreign = lab.target(stack, connection=Connection(endpoint_url=lab.local.endpoint_url))
    deployment = Deployment(Run.on(foreign, durations=Durations()), foreign.graph)
    with pytest.raises(RefusedError, match=f"account 999999999999.* is in {lab.account}") as raised:
        deployment.plan(SILENT)
    assert "--profile" in raised.value.hint
    assert lab.status("network") == "ABSENT"


RECOVER = (
    "Fix the cause, then run `tapgen recover --env lab --layer network --local`, "
    "then `tapgen deploy --env lab --local`."
)
STATES = {
    "DELETE_FAILED": RECOVER,
    "UPDATE_ROLLBACK_FAILED": RECOVER,
    "UPDATE_FAILED": RECOVER,
    "IMPORT_ROLLBACK_FAILED": "Look at the events of lab-network in the AWS console in us-east-1.",
    "A_STATUS_OF_TOMORROW": "Look at the events of lab-network in the AWS console in us-east-1.",
}


@pytest.mark.parametrize("status", STATES)
def test_states_without_a_road_block_with_the_way_out(
    lab: Lab, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = StackState("lab-network", status, reason="something broke", tags=upstream(lab).tags)
    monkeypatch.setattr(CloudFormation, "describe", lambda *_: state)
    monkeypatch.setattr(CloudFormation, "operation", lambda *_: [])
    ran = lab.deploy(upstream(lab))
    outcome = ran.outcomes["network"]
    assert isinstance(outcome, Failed)
    assert outcome.reason == f"stack lab-network is in {status}: something broke"
    assert (outcome.status, outcome.hint) == (status, STATES[status])


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED"])
def test_failed_creations_are_leftovers(
    lab: Lab, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = StackState("lab-network", status, tags=upstream(lab).tags)
    monkeypatch.setattr(CloudFormation, "describe", lambda *_: state)
    plan = lab.plan(lab.deployment(upstream(lab)))
    assert plan.entries["network"] == FailedCreation(upstream(lab), status)


def test_a_creation_in_which_aws_sees_nothing_is_an_error(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CloudFormation, "create_change_set", lambda *_: None)
    entry = lab.plan(lab.deployment(upstream(lab))).entries["network"]
    assert isinstance(entry, Blocked)
    assert entry.reason == "CloudFormation sees nothing to do in stack lab-network"


def test_a_creation_comes_without_protection_and_says_what_follows(lab: Lab) -> None:
    stack = lab.guarded()
    planned = lab.plan(lab.deployment(stack)).entries["data"]
    assert isinstance(planned, Planned)
    assert planned.parameters == {"Settled": "false"}
    assert protected_later(stack, planned.parameters) == ("Table",)


def test_a_stack_that_is_not_settled_gets_what_it_lacks_first(lab: Lab) -> None:
    stack = lab.guarded()
    made = replace(stack, parameters={"Settled": "false"}, protected=False)
    lab.deploy(made)  # as a run leaves it that died in between
    for value, settled in (("one", "true"), ("two", "false")):
        deployment = lab.deployment(lab.guarded(value))
        planned = lab.plan(deployment).entries["data"]
        assert isinstance(planned, Planned)
        assert (planned.kind, planned.parameters) == ("UPDATE", {"Settled": settled})
        names = {change.logical_id for change in planned.change_set.changes}
        assert names == ({"Table"} if settled == "true" else {"Note", "Late"})
        deployment.discard()


def test_two_plans_at_once_do_not_take_each_others_stack_away(lab: Lab) -> None:
    first, second = lab.deployment(upstream(lab)), lab.deployment(upstream(lab, "two"))
    one, two = lab.plan(first), lab.plan(second)
    first.discard(one)
    assert lab.status("network") == "REVIEW_IN_PROGRESS"
    second.carry_out(two, SILENT)
    assert isinstance(second.outcomes["network"], Created)


def test_a_plan_that_another_run_replaced_is_refused(lab: Lab) -> None:
    lab.deploy(upstream(lab))
    first, second = lab.deployment(upstream(lab, "two")), lab.deployment(upstream(lab, "three"))
    one, two = lab.plan(first), lab.plan(second)
    second.carry_out(two, SILENT)
    first.carry_out(one, SILENT)
    outcome = first.outcomes["network"]
    assert isinstance(outcome, Failed)
    assert outcome.refused
    assert outcome.reason.startswith("the planned change set is no longer valid")
    assert outcome.hint == "Somebody else is changing this stack. Run the command again."


def test_planning_that_is_broken_off_leaves_nothing_behind(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: Any) -> None:
        raise ZeroDivisionError

    deployment = lab.deployment(
        upstream(lab), lab.stack("data", {"Note": lab.note()}), max_concurrency=1
    )
    real = CloudFormation.create_change_set

    def first_only(self: CloudFormation, request: Any) -> Any:
        return real(self, request) if request.stack_name == "lab-network" else breaks()

    monkeypatch.setattr(CloudFormation, "create_change_set", first_only)
    with pytest.raises(ZeroDivisionError):
        deployment.plan(SILENT)
    assert lab.status("network") == "ABSENT"


def test_what_aws_does_not_let_go_is_no_failure(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = lab.deployment(upstream(lab))
    plan = lab.plan(deployment)

    def refuses(*_: Any) -> None:
        raise TapgenError("no")

    with monkeypatch.context() as patched:
        patched.setattr(CloudFormation, "discard", refuses)
        deployment.discard(plan)
    assert lab.status("network") == "REVIEW_IN_PROGRESS"
    # The next run replaces the change set of the same content.
    assert isinstance(lab.deploy(upstream(lab)).outcomes["network"], Created)


def test_a_region_is_asked_through_one_client(lab: Lab) -> None:
    target = lab.target(upstream(lab), downstream(lab, "Fixed"))
    network, data = target.stacks.values()
    assert target.cloudformation(network) is target.cloudformation(data)
    run = Run.on(target)
    assert run.watcher(network) is run.watcher(data)
    assert run.cloudformation(network) is target.cloudformation(data)
