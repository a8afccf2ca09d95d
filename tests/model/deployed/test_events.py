from __future__ import annotations

import pytest

from tapgen.model.deployed.events import (
    Created,
    Deleted,
    Failed,
    Outcome,
    ResourceEvent,
    RootCause,
    Skipped,
    Unchanged,
    Updated,
    left_outside,
    root_cause,
    succeeded,
)

STACK = "arn:aws:cloudformation:eu-west-1:111111111111:stack/payments-dev-data/1"


def event(name: str, status: str, reason: str = "", physical_id: str = "p") -> ResourceEvent:
    kind = "AWS::CloudFormation::Stack" if physical_id == STACK else "AWS::SQS::Queue"
    return ResourceEvent(f"{name}-{status}", name, physical_id, kind, status, reason)


@pytest.mark.parametrize(
    ("status", "reason", "failure"),
    [
        ("CREATE_COMPLETE", "", False),
        ("CREATE_FAILED", "Name is taken", True),
        ("UPDATE_ROLLBACK_FAILED", "", True),
        ("CREATE_FAILED", "Resource creation cancelled", False),
        ("UPDATE_FAILED", "Resource update cancelled", False),
        ("ROLLBACK_FAILED", "The following resource(s) failed to delete: [Queue].", False),
    ],
)
def test_a_failure_is_one_of_its_own(status: str, reason: str, failure: bool) -> None:
    assert event("Queue", status, reason).is_failure is failure


def test_the_root_cause_is_the_first_resource_that_failed() -> None:
    events = [
        event("Queue", "CREATE_IN_PROGRESS"),
        event("Other", "CREATE_FAILED", "Resource creation cancelled"),
        event("data", "CREATE_FAILED", "Something", STACK),
        event("Queue", "CREATE_FAILED", "Name is taken"),
        event("Third", "CREATE_FAILED", "Later"),
    ]
    cause = root_cause("data", STACK, events)
    assert cause == RootCause("data", "Queue", "AWS::SQS::Queue", "Name is taken")
    assert str(cause) == "data.Queue (AWS::SQS::Queue): Name is taken"


def test_what_a_rollback_does_not_delete_is_left_outside() -> None:
    before = [event("Old", "DELETE_FAILED"), event("Queue", "CREATE_COMPLETE")]
    rollback = [
        event("data", "UPDATE_ROLLBACK_IN_PROGRESS", "", STACK),
        event("Queue", "DELETE_FAILED", "protected"),
        event("Kept", "DELETE_SKIPPED"),
        event("Again", "DELETE_FAILED"),
        event("Again", "DELETE_COMPLETE"),
        event("data", "UPDATE_ROLLBACK_COMPLETE", "", STACK),
    ]
    left = left_outside(STACK, [*before, *rollback])
    assert [one.logical_id for one in left] == ["Queue", "Kept"]
    assert left_outside(STACK, before) == ()


def test_without_a_failed_resource_the_stack_itself_tells() -> None:
    cause = root_cause("data", STACK, [event("data", "CREATE_FAILED", "Not authorised", STACK)])
    assert cause is not None
    assert (cause.logical_id, cause.reason) == ("data", "Not authorised")


def test_without_a_failure_there_is_no_cause() -> None:
    assert root_cause("data", STACK, [event("Queue", "CREATE_COMPLETE")]) is None


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Unchanged(), True),
        (Created(), True),
        (Updated(), True),
        (Deleted(), True),
        (Failed("no"), False),
        (Skipped("data failed"), False),
    ],
)
def test_dependents_go_on_after_everything_but_failure(outcome: Outcome, expected: bool) -> None:
    assert succeeded(outcome) is expected
