from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tapgen.deploy.guards.guard import Subject
from tapgen.deploy.guards.rollouts import at_once, ringing_alarms
from tapgen.deploy.guards.whole_plan import check, guarded
from tapgen.model.changes.change import Change, ChangeSet, PropertyChange
from tapgen.model.plan import Plan, Planned
from tests.deploy.rollouts import ALARM, worker

if TYPE_CHECKING:
    from tapgen.model.stack import Stack
    from tests.lab import Lab

MOVED = Change(
    "Modify", "Alias", "AWS::Lambda::Alias", details=(PropertyChange(name="FunctionVersion"),)
)


def planned(stack: Stack, *changes: Change) -> Planned:
    return Planned(stack, "UPDATE", stack.parameters, ChangeSet("arn", "id", changes))


@pytest.fixture
def ringing(lab: Lab) -> Lab:
    """An account in which the function's alarm rings."""
    client = lab.client("cloudwatch")
    client.put_metric_alarm(
        AlarmName=ALARM,
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    client.set_alarm_state(AlarmName=ALARM, StateValue="ALARM", StateReason="3 errors")
    return lab


def test_an_alarm_that_rings_refuses_steps_and_names_the_way_without(ringing: Lab) -> None:
    stack = worker(ringing)
    target = ringing.target(stack)
    plan = guarded(Plan("lab", {"jobs": planned(stack, MOVED)}), Subject(target, {"jobs"}), set())
    (refusal,) = plan.refusals["jobs"]
    assert refusal.reason == (
        "CodeDeploy would move all traffic back to the old version of worker at once, because an "
        "alarm is in ALARM (worker-errors: 3 errors)"
    )
    assert (refusal.resource, refusal.option) == ("Alias", "--rollout at-once")


def test_nothing_is_refused_where_no_alias_is_moved_in_steps(ringing: Lab) -> None:
    stack = worker(ringing)
    target = ringing.target(stack)
    assert ringing_alarms(planned(stack), target) == ()
    free = worker(ringing, way="at-once")
    assert ringing_alarms(planned(free, MOVED), target) == ()


def test_a_silent_alarm_refuses_nothing_and_is_not_told_of(lab: Lab) -> None:
    stack, free = worker(lab), worker(lab, way="at-once")
    assert ringing_alarms(planned(stack, MOVED), lab.target(stack)) == ()
    assert notes(lab, free, MOVED) == ()


def notes(lab: Lab, stack: Stack, *changes: Change) -> tuple[str, ...]:
    target = lab.target(stack)
    return check(Subject(target, {"jobs"}), planned(stack, *changes), set())


def test_who_goes_forward_at_once_is_told_that_there_is_no_way_back(ringing: Lab) -> None:
    free = worker(ringing, way="at-once")
    assert notes(ringing, free, MOVED) == (
        (
            "worker-errors is in ALARM: if another resource of jobs fails now, CodeDeploy does not "
            "shift worker back, and the stack needs `tapgen recover --env lab --local`"
        ),
    )
    assert notes(ringing, free) == ()
    assert notes(ringing, worker(ringing)) == ()


def test_without_a_way_that_asks_no_alarm_there_is_none_to_name(lab: Lab) -> None:
    stack = lab.stack("data", {"Note": lab.note()})
    assert at_once(lab.target(stack), stack) == ""


def test_where_every_way_has_steps_there_is_none_without(lab: Lab) -> None:
    stack = worker(lab)
    stack.template.document["Parameters"]["Rollout"]["AllowedValues"] = ["steps"]
    assert at_once(lab.target(stack), stack) == ""
