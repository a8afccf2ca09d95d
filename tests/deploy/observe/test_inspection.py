"""Looking at a deployed environment: states, where AWS is at work, outputs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.deploy.observe.inspection import at_work, look, outputs, states
from tapgen.deploy.observe.stale_inputs import Staleness
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.layer import outputs_of
from tests.predicaments import at_rest, created, creating, data

if TYPE_CHECKING:
    from tapgen.model.stack import Stack
    from tests.lab import Lab


def chain(lab: Lab) -> tuple[Stack, ...]:
    note = {"Note": lab.note()}
    return (
        lab.stack("network", note, outputs={"Id": "1"}),
        lab.stack("zone", note),
        lab.stack("cdn", note, inputs=outputs_of("network", "Id"), region="eu-west-1"),
    )


def test_everything_is_seen_at_once(lab: Lab) -> None:
    lab.deploy(*chain(lab)[:2])
    target = lab.target(*chain(lab))
    seen = look(target, ["network", "cdn"])
    assert [(layer, state.status) for layer, state in seen.states.items()] == [
        ("network", "CREATE_COMPLETE"),
        ("cdn", "ABSENT"),
    ]
    assert seen.regions == {"network": "us-east-1", "zone": "us-east-1", "cdn": "eu-west-1"}
    assert (seen.at_work, seen.inputs) == ({}, Staleness())


def test_where_aws_is_at_work_is_the_resource_not_the_stack(lab: Lab, faults: Any) -> None:
    creating(lab, faults)
    target = lab.target(data(lab))
    found = states(target, ["data"])
    busy = at_work(target, found)
    assert (busy["data"].logical_id, busy["data"].status) == ("Note", "CREATE_IN_PROGRESS")
    faults({})
    at_rest(lab)
    assert at_work(target, found) == {}  # by now it is at nothing
    assert at_work(target, states(target, ["data"])) == {}


def test_outputs_are_those_of_what_is_deployed(lab: Lab) -> None:
    target = lab.target(*chain(lab))
    with pytest.raises(TapgenError, match="no layer of lab is deployed") as told:
        outputs(target, target.stacks)
    assert told.value.hint == "Deploy it: `tapgen deploy --env lab --local`."
    lab.deploy(*chain(lab)[:2])
    assert outputs(target, target.stacks) == {"network": {"Id": "1"}, "zone": {}}
    with pytest.raises(TapgenError):
        outputs(target, ["cdn"])


def test_another_account_is_not_looked_at(lab: Lab, faults: Any) -> None:
    created(lab, faults)
    target = lab.target(replace(data(lab), account_id="123456789012"))
    target.account.client("sts", target.home_region)
    target.account.account_id = "210987654321"
    with pytest.raises(RefusedError, match="these credentials belong to account"):
        states(target, ["data"])
