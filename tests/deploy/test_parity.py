"""Reading deployed stacks for `tapgen parity`; tests/cli/test_parity_command.py compares them."""

from __future__ import annotations

from typing import Any

import pytest

from tapgen.aws.stack_state import state_of
from tapgen.deploy.parity import sightings
from tapgen.deploy.target import Target
from tapgen.stacks.status import usable

pytestmark = pytest.mark.slow

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


def test_what_is_deployed_has_the_hash_of_what_was_rendered(deployed: Target) -> None:
    found = sightings([deployed])
    assert found.keys() == {("full", layer) for layer in deployed.stacks}
    for (_, layer), seen in found.items():
        stack = deployed.stacks[layer]
        assert seen.template == stack.template.sha256
        assert seen.parameters.items() >= stack.parameters.items()
        assert usable(seen.status)
        assert seen.drift == "NOT_CHECKED"
