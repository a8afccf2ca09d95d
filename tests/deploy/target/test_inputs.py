"""Inputs of a stack: filled by outputs, left to their defaults, or missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tapgen.deploy.target.inputs import input_values, missing_inputs
from tapgen.model.layer import OutputRef

if TYPE_CHECKING:
    from tapgen.model.stack import Stack
    from tests.lab import Lab

KEY = OutputRef("data", "Key")


@pytest.fixture
def stack(lab: Lab) -> Stack:
    inputs = {
        "Key": KEY,
        "Again": KEY,
        "Topic": OutputRef("alarms", "Topic", optional=True),
        "Zone": OutputRef("zone", "Id", environment="prod"),
    }
    return lab.stack("api", {"Note": lab.note()}, inputs=inputs)


def test_what_is_there_fills_every_parameter_that_it_is_for(stack: Stack) -> None:
    outputs = {"data": {"Key": "k", "More": "m"}, "alarms": {}, "prod.zone": {"Id": "z"}}
    assert input_values(stack, outputs) == {"Key": "k", "Again": "k", "Zone": "z"}
    assert missing_inputs(stack, outputs) == ()


def test_what_is_missing_is_told_once_and_only_if_it_is_needed(stack: Stack) -> None:
    nothing: dict[str, dict[str, str]] = {producer: {} for producer in stack.producers}
    assert input_values(stack, nothing) == {}
    assert missing_inputs(stack, nothing) == (KEY, OutputRef("zone", "Id", environment="prod"))
