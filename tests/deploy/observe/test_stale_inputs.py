"""Inputs that are not what they come from, and sources that cannot be asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tapgen.deploy.observe.inspection import states
from tapgen.deploy.observe.stale_inputs import staleness
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.layer import OutputRef
from tapgen.review.parity.staleness import StaleInput, stale_inputs
from tests.deploy.observe.pair import VALUE, source, taker
from tests.lab import Lab


def test_what_cannot_be_asked_is_not_called_stale(lab: Lab) -> None:
    stacks = source(lab), taker(lab)
    lab.deploy(*stacks)
    far = replace(
        taker(lab),
        inputs={
            "Input": OutputRef("data", "Value", environment="far"),
            "More": OutputRef("dns", "X"),
        },
    )

    def refused(name: str) -> Target:
        raise RefusedError(f"{name}: these credentials belong to another account")

    target = replace(lab.target(far), open_other=refused)
    with pytest.raises(KeyError):  # a layer that is nowhere is a bug, and not passed over
        staleness(target, states(target, ["api"]))
    only = replace(far, inputs={"Input": far.inputs["Input"]})
    target = replace(target, stacks={"api": only})
    found = staleness(target, states(target, ["api"]))
    assert found.stale == {}
    assert found.unread == {"far": "far: these credentials belong to another account"}


def test_an_own_layer_that_cannot_be_read_is_an_error(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    stacks = source(lab), taker(lab)
    lab.deploy(*stacks)
    target = lab.target(*stacks)
    found = states(target, ["api"])

    def fails(_: Target, __: str) -> Any:
        raise TapgenError("no")

    monkeypatch.setattr(Target, "outputs", fails)
    with pytest.raises(TapgenError, match="no"):
        staleness(target, found)


def test_secrets_and_what_is_not_given_are_not_compared(lab: Lab) -> None:
    stack = taker(lab)
    outputs = {"data": {"Value": "two"}}
    assert stale_inputs(stack, {"Input": "****"}, outputs) == ()
    assert stale_inputs(stack, {}, outputs) == ()
    assert stale_inputs(stack, {"Input": "one"}, {"data": {}}) == ()
    assert stale_inputs(stack, {"Input": "one"}, {}) == ()
    assert stale_inputs(stack, {"Input": "two"}, outputs) == ()
    assert stale_inputs(stack, {"Input": "one"}, outputs) == (
        StaleInput("Input", VALUE, "one", "two"),
    )
