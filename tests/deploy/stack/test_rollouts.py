"""A function in small: its bad version goes back by itself, its fix gets out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.cloudformation.watch import StoppedError
from tapgen.aws.resources.functions import last_deployment, ringing
from tapgen.deploy.flow.events import Note
from tapgen.deploy.flow.host import Recorder
from tapgen.deploy.stack.rollouts import reason_of_return, telling_weights
from tapgen.deploy.target.run import Run
from tapgen.errors import TapgenError
from tapgen.model.changes.change import Change, ChangeSet, PropertyChange
from tapgen.model.deployed.events import Created, Failed, RootCause, Updated
from tapgen.model.plan import Planned
from tests.deploy.rollouts import ALARM, worker
from tests.lab import Reacting
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.deploy.flow.events import Event
    from tapgen.model.stack import Stack
    from tests.lab import Lab

MOVED = Change(
    "Modify", "Alias", "AWS::Lambda::Alias", details=(PropertyChange(name="FunctionVersion"),)
)


def notes(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Note)]


def call(lab: Lab) -> Any:
    answer = lab.client("lambda").invoke(FunctionName="worker:live")
    return None if "FunctionError" in answer else json.load(answer["Payload"])


@pytest.mark.slow
def test_a_bad_version_goes_back_by_itself_and_its_fix_gets_out_while_the_alarm_rings(
    lab: Lab, faults: Callable[[dict[str, Any]], None]
) -> None:
    assert isinstance(lab.deploy(worker(lab)).outcomes["jobs"], Created)

    def shifted(event: Event) -> None:
        """The first call after the first step meets the new version; then the shift goes on."""
        if isinstance(event, Note) and "10 % to version 2" in event.text:
            assert call(lab) is None
            faults({})

    faults({"shifts": ["worker"]})
    deployment = lab.deployment(worker(lab, 2, breaks=True))
    plan = lab.plan(deployment)
    host = Reacting(answer=False, then=shifted)
    outcome = deployment.carry_out(plan, host)["jobs"]
    assert isinstance(outcome, Failed)
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    assert "jobs.Alias (AWS::Lambda::Alias)" in outcome.reason
    assert f"the alarm {ALARM} rings: Threshold Crossed" in outcome.reason
    assert "`tapgen deploy --env lab --rollout at-once --local`" in outcome.hint
    assert "calls of worker: 10 % to version 2" in notes(host.events)
    assert call(lab) == "v1"

    refused = lab.plan(lab.deployment(worker(lab, 3)))
    (refusal,) = refused.refusals["jobs"]
    assert refusal.option == "--rollout at-once"

    fixed = lab.deploy(worker(lab, 3, way="at-once"))
    assert isinstance(fixed.outcomes["jobs"], Updated)
    assert call(lab) == "v3"


@pytest.fixture
def cause() -> RootCause:
    return RootCause("jobs", "Alias", "AWS::Lambda::Alias", "the update failed")


def test_of_another_resource_nothing_is_asked(lab: Lab, cause: RootCause) -> None:
    stack = worker(lab)
    run = lab.run(stack)
    assert reason_of_return(run, stack, None, None) == ("", "")
    other = RootCause("jobs", "Role", "AWS::IAM::Role", "taken")
    assert reason_of_return(run, stack, other, None) == ("", "")


def test_what_cannot_be_read_is_said(lab: Lab, cause: RootCause) -> None:
    stack = worker(lab)
    words, advice = reason_of_return(lab.run(stack), stack, cause, None)
    assert words == ""
    assert advice.startswith("Why CodeDeploy took it back could not be read: ")


class Shifting:
    """Answers of AWS about an alias, one after the other; the last one stays."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def __call__(self, *_: Any) -> tuple[str, dict[str, float]]:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return "1", answer


def moving(stack: Stack) -> Planned:
    return Planned(stack, "UPDATE", stack.parameters, ChangeSet("arn", "id", (MOVED,)))


def test_weights_are_told_when_they_change_and_a_failed_look_is_not(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tapgen.deploy.stack.rollouts.intervals", lambda **_: iter([0.01] * 999))
    answers = Shifting({}, {"2": 0.1}, TapgenError("throttled"), {"2": 0.1}, {"2": 0.2}, {})
    monkeypatch.setattr("tapgen.deploy.stack.rollouts.weights", answers)
    stack = worker(lab)
    host = Recorder()
    with telling_weights(Run.on(lab.target(stack), host), moving(stack)):
        wait_until(lambda: len(host.events) == 3, "three notes")
    assert notes(host.events) == [
        "calls of worker: 10 % to version 2",
        "calls of worker: 20 % to version 2",
        "calls of worker: all to one version",
    ]


def test_nobody_is_told_after_the_run_was_broken_off(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def stopped(event: Event) -> None:
        asked.append(event)
        raise StoppedError("stopped")

    monkeypatch.setattr("tapgen.deploy.stack.rollouts.weights", Shifting({"2": 0.1}))
    stack = worker(lab)
    with telling_weights(Run.on(lab.target(stack), Reacting(then=stopped)), moving(stack)):
        wait_until(lambda: asked, "a note")
    assert len(asked) == 1


def test_nothing_is_looked_at_where_no_alias_is_moved(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tapgen.deploy.stack.rollouts.weights", Shifting(AssertionError()))
    stack = worker(lab, way="at-once")
    host = Recorder()
    with telling_weights(Run.on(lab.target(stack), host), moving(stack)):
        pass
    assert host.events == []


def test_no_alarm_is_asked_for_where_there_is_none(lab: Lab) -> None:
    region = lab.target(worker(lab)).region_of(worker(lab))
    assert ringing(region, ()) == {}
    with pytest.raises(TapgenError, match="reading the deployments of group"):
        last_deployment(region, "application", "group", None)
