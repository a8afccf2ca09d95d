"""Names that AWS blocks for a while are waited for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tapgen.aws.cloudformation.watch import StoppedError
from tapgen.deploy.flow.events import Note
from tapgen.deploy.stack import blocked_names
from tapgen.deploy.stack.blocked_names import (
    BLOCKED_SECONDS,
    LOCAL_SHARE,
    deleted_lately,
    wait_for_names,
)
from tapgen.local.minutes import shortened
from tapgen.model.deployed.events import Created, Failed, ResourceEvent
from tests.lab import told

if TYPE_CHECKING:
    from tapgen.model.stack import Stack
    from tests.lab import Lab
    from tests.predicaments import Faults


def jobs(lab: Lab) -> Stack:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "lab-jobs"}}
    return lab.stack("jobs", {"Queue": queue, "Note": {**lab.note(), "DependsOn": "Queue"}})


def deleted(seconds_ago: float, kind: str = "AWS::SQS::Queue") -> ResourceEvent:
    at = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return ResourceEvent("1", "Queue", "lab-jobs", kind, "DELETE_COMPLETE", at=at)


def test_the_local_aws_shortens_as_much() -> None:
    assert all(shortened(seconds) == seconds * LOCAL_SHARE for seconds in BLOCKED_SECONDS.values())


def test_a_stack_is_made_again_as_soon_as_its_queue_may_have_its_name(
    lab: Lab, faults: Faults
) -> None:
    faults({"create:Note": "no"})
    assert isinstance(lab.deploy(jobs(lab)).outcomes["jobs"], Failed)
    faults({})
    ran = lab.deploy(jobs(lab))
    assert isinstance(ran.outcomes["jobs"], Created)


def test_what_waits_says_so_and_ctrl_c_ends_it(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = jobs(lab)
    run = lab.run(stack)
    monkeypatch.setattr(blocked_names, "LOCAL_SHARE", 1.0)  # as on AWS
    run.state.stopping = True
    with pytest.raises(StoppedError):
        wait_for_names(run, stack, [deleted(50), deleted(20), deleted(1, "AWS::SNS::Topic")])
    assert told(run) == [Note("jobs", "AWS blocks the name of a deleted queue: waiting 40 s")]


def test_a_clock_that_is_behind_makes_nobody_wait_longer(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = jobs(lab)
    run = lab.run(stack)
    monkeypatch.setattr(blocked_names, "LOCAL_SHARE", 0.01)
    wait_for_names(run, stack, [deleted(-3600)])
    (note,) = told(run)
    assert note == Note("jobs", "AWS blocks the name of a deleted queue: waiting 1 s")


@pytest.mark.parametrize("events", [[], [deleted(61)], [deleted(1, "AWS::SNS::Topic")]])
def test_nothing_is_waited_for_otherwise(lab: Lab, events: list[ResourceEvent]) -> None:
    stack = jobs(lab)
    run = lab.run(stack)
    wait_for_names(run, stack, events)
    assert told(run) == []


def test_a_stack_without_such_names_is_not_asked_about(lab: Lab) -> None:
    stack = lab.stack("data", {"Note": lab.note()})
    assert deleted_lately(lab.run(stack), stack, "no such stack") == ()
    assert deleted_lately(lab.run(jobs(lab)), jobs(lab), None) == ()
