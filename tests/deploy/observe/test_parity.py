"""Reading deployed stacks for `tapgen parity`; the tests of the command compare them."""

from __future__ import annotations

from typing import Any

import pytest

from tapgen.aws.cloudformation.stack_state import state_of
from tapgen.deploy.observe.parity import _drift, sightings
from tapgen.deploy.target.target import Target
from tapgen.model.deployed.drift import LayerDrift, ResourceDrift
from tapgen.model.deployed.stack_status import usable
from tests.lab import Lab

ANSWER = {"StackName": "s", "StackStatus": "CREATE_COMPLETE", "StackId": "arn"}


@pytest.mark.parametrize(
    ("answer", "drift"),
    [
        ({}, ""),
        ({"DriftInformation": {"StackDriftStatus": "NOT_CHECKED"}}, "NOT_CHECKED"),
        ({"DriftInformation": {"StackDriftStatus": "DRIFTED"}}, "DRIFTED"),
    ],
)
def test_a_stack_says_what_the_last_drift_detection_found(
    answer: dict[str, Any], drift: str
) -> None:
    assert state_of({**ANSWER, **answer}).drift == drift


@pytest.mark.slow
def test_what_is_deployed_has_the_hash_of_what_was_rendered(deployed: Target) -> None:
    found = sightings([deployed])
    assert found.keys() == {("full", layer) for layer in deployed.stacks}
    for (_, layer), seen in found.items():
        stack = deployed.stacks[layer]
        assert seen.template == stack.template.sha256
        assert seen.parameters.items() >= stack.parameters.items()
        assert usable(seen.status)
        # Whatever a detection found last: other tests share this environment and may have asked.
        assert seen.drift == (deployed.describe(layer).drift or "NOT_CHECKED")


def test_drift_is_looked_for_when_that_is_wanted(lab: Lab) -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 0}}
    stack = lab.stack("data", {"Queue": queue}, outputs={"Url": {"Ref": "Queue"}})
    outcomes = lab.deploy(stack).outcomes
    target = lab.target(stack)
    assert sightings([target])["lab", "data"].drift == "NOT_CHECKED"
    assert sightings([target], detect=True)["lab", "data"].drift == "IN_SYNC"
    url = outcomes["data"].outputs["Url"]  # type: ignore[union-attr]
    lab.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "9"})
    assert sightings([target], detect=True)["lab", "data"].drift == "DRIFTED"


@pytest.mark.parametrize(
    ("statuses", "drift"),
    [
        (["IN_SYNC", "NOT_CHECKED"], "IN_SYNC"),
        (["IN_SYNC", "MODIFIED"], "DRIFTED"),
        (["NOT_CHECKED"], "NOT_CHECKED"),
        ([], "NOT_CHECKED"),
    ],
)
def test_a_layer_is_in_sync_only_where_something_was_looked_at(
    statuses: list[str], drift: str
) -> None:
    resources = tuple(ResourceDrift("R", "T", status) for status in statuses)
    assert _drift(LayerDrift("data", "CREATE_COMPLETE", resources)) == drift
