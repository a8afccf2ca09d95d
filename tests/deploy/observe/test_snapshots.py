"""Deployed stacks as a side of a comparison, and inputs that are not what they come from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tapgen.deploy.observe.inspection import states
from tapgen.deploy.observe.snapshots import deployed_snapshots
from tapgen.deploy.observe.stale_inputs import Staleness, staleness
from tapgen.deploy.target.target import Target
from tapgen.review.diff.causes import Context
from tapgen.review.diff.comparison import compare
from tapgen.review.diff.report import LayerDiff
from tapgen.review.diff.snapshot import snapshot
from tapgen.review.parity.staleness import StaleInput
from tests.deploy.observe.pair import VALUE, source, taker
from tests.lab import Lab


def against_deployed(target: Target) -> dict[str, LayerDiff]:
    before, found = deployed_snapshots(target)
    after = {layer: snapshot(stack) for layer, stack in target.stacks.items()}
    context = Context({}, "templates_out/", stale=found.stale)
    return {layer.layer: layer for layer in compare("lab", before, after, context).layers}


def by_hand(lab: Lab, layer: str, value: str, **more: Any) -> None:
    """An update past tapgen."""
    cloudformation = lab.client("cloudformation")
    (stack,) = cloudformation.describe_stacks(StackName=f"lab-{layer}")["Stacks"]
    (parameter,) = stack["Parameters"]
    cloudformation.update_stack(
        StackName=f"lab-{layer}",
        UsePreviousTemplate=True,
        Parameters=[{**parameter, "ParameterValue": value}],
        **{"Tags": stack["Tags"], **more},
    )
    waiter = cloudformation.get_waiter("stack_update_complete")
    waiter.wait(StackName=f"lab-{layer}", WaiterConfig={"Delay": 1})


def test_nothing_differs_from_what_was_just_deployed(lab: Lab) -> None:
    stacks = source(lab), taker(lab, protected=True)
    lab.deploy(*stacks)
    found = against_deployed(lab.target(*stacks, lab.stack("dns", {"Note": lab.note()})))
    assert {layer: diff.kind for layer, diff in found.items()} == {
        "data": "same",
        "api": "same",
        "dns": "added",
    }


def test_policy_protection_and_tags_are_compared(lab: Lab) -> None:
    table = lab.stack("data", {"Table": lab.table("t")}, protected=True)
    lab.deploy(table)
    cloudformation = lab.client("cloudformation")
    allow = '{"Statement": [{"Effect": "Allow", "Action": "Update:*", "Principal": "*"'
    cloudformation.set_stack_policy(
        StackName="lab-data", StackPolicyBody=f'{allow}, "Resource": "*"}}]}}'
    )
    cloudformation.update_termination_protection(
        StackName="lab-data", EnableTerminationProtection=False
    )
    tagged = replace(table, tags={**table.tags, "CostCenter": "LAB-2"})
    found = against_deployed(lab.target(tagged))["data"]
    assert found.kind == "changed"
    changes = {(one.what, one.name): (one.before, one.after) for one in found.stack}
    assert changes["termination protection", ""] == (False, True)
    assert changes["tag", "CostCenter"][1] == "LAB-2"
    (added,) = (pair[1] for (what, _), pair in changes.items() if what == "policy")
    assert added["Effect"] == "Deny"
    assert added["Resource"] == ["LogicalResourceId/Table"]


def test_an_input_is_stale_once_its_source_gives_something_else(lab: Lab) -> None:
    stacks = source(lab), taker(lab)
    lab.deploy(*stacks)
    target = lab.target(*stacks)
    assert staleness(target, states(target, target.stacks)) == Staleness()
    by_hand(lab, "data", "two")
    expected = {"api": (StaleInput("Input", VALUE, "one", "two"),)}
    assert staleness(target, states(target, target.stacks)).stale == expected
    assert staleness(target, states(target, ["api"])).stale == expected
    # What is declared gives "one" again, so that is what a deployment would bring.
    found = against_deployed(target)
    assert found["data"].kind == "changed"
    (told,) = (one for one in found["api"].stack if one.what == "stale input")
    assert (told.before, told.after) == ("one", "two")

    lab.deploy(source(lab, "two"))
    (note,) = against_deployed(lab.target(source(lab, "two"), taker(lab)))["api"].resources
    (value,) = note.properties
    assert (value.path, value.before, value.after) == ("Value", "one", "two")
