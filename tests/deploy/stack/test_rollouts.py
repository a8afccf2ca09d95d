"""What is told of aliases while they are moved, and of why they went back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from tapgen.aws.cloudformation.watch import StoppedError
from tapgen.aws.resources.functions import Deployment, last_deployment, ringing
from tapgen.deploy.flow.events import Note
from tapgen.deploy.flow.host import Recorder
from tapgen.deploy.stack import rollouts as module
from tapgen.deploy.stack.rollouts import reason_of_return, telling_weights, way_back
from tapgen.deploy.target.run import Run
from tapgen.errors import TapgenError
from tapgen.model.changes.change import Change, ChangeSet, PropertyChange
from tapgen.model.deployed.events import RootCause
from tapgen.model.plan import Planned
from tests.deploy.rollouts import worker
from tests.lab import Reacting
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tapgen.deploy.flow.events import Event
    from tapgen.model.stack import Stack
    from tests.lab import Lab

MOVED = Change(
    "Modify", "Alias", "AWS::Lambda::Alias", details=(PropertyChange(name="FunctionVersion"),)
)
ALIAS = RootCause("jobs", "Alias", "AWS::Lambda::Alias", "the update failed")
MOVES = '{"Resources": [{"worker": {"Properties": {"CurrentVersion": "7", "TargetVersion": "6"}}}]}'


def notes(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Note)]


@pytest.fixture
def cause() -> RootCause:
    return ALIAS


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
    assert advice.startswith("Why CodeDeploy shifted it back could not be read: ")


def test_a_deployment_that_aws_does_not_know_says_nothing(
    lab: Lab, cause: RootCause, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = worker(lab)
    monkeypatch.setattr(module, "last_deployment", lambda *_: None)
    assert reason_of_return(lab.run(stack), stack, cause, None) == ("", "")


def test_a_deployment_that_the_cause_does_not_name_is_told(
    lab: Lab, cause: RootCause, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = worker(lab)
    stopped = Deployment("d-1", "Stopped", "", alarmed=False)
    monkeypatch.setattr(module, "last_deployment", lambda *_: stopped)
    words, _ = reason_of_return(lab.run(stack), stack, cause, None)
    assert words == "deployment d-1: Stopped"


def test_a_group_without_a_failed_deployment_has_none(lab: Lab) -> None:
    region = lab.target(worker(lab)).region_of(worker(lab))
    with Stubber(region.client("codedeploy")) as aws:
        aws.add_response("list_deployments", {"deployments": []})
        assert last_deployment(region, "lab", "worker", None) is None


def going_back(lab: Lab, monkeypatch: pytest.MonkeyPatch, found: Deployment | None) -> str:
    """The way out where going back was this deployment of CodeDeploy, and no alarm is on."""
    stack = worker(lab, way="at-once")
    monkeypatch.setattr(module, "last_deployment", lambda *_: found)
    monkeypatch.setattr(module, "ringing", lambda *_: {})
    return way_back(lab.run(stack), stack, replace(ALIAS, reason="d-1 failed. Too bad."))


def test_an_alias_that_did_not_shift_back_is_moved_by_hand(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = going_back(lab, monkeypatch, Deployment("d-1", "Failed", "", alarmed=False, target="6"))
    assert words.startswith(
        "Traffic of worker stays at the new version: CodeDeploy does not shift it back. `aws "
        "lambda update-alias --function-name worker --name live --function-version 6 "
        "--routing-config "
    )
    recover = "`tapgen recover --env lab --layer jobs --skip-resource jobs.Alias --local`"
    assert f"at once, then {recover} continues" in words


@pytest.mark.parametrize(
    "found",
    [
        None,
        Deployment("d-1", "Failed", "", alarmed=False),
        Deployment("d-2", "Failed", "", alarmed=False, target="7"),
    ],
    ids=["no deployment", "no version", "another deployment"],
)
def test_without_the_version_that_it_was_to_get_nothing_is_advised(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, found: Deployment | None
) -> None:
    assert going_back(lab, monkeypatch, found) == ""


def test_of_what_does_not_shift_back_nothing_is_advised(lab: Lab) -> None:
    stack = worker(lab)
    assert way_back(lab.run(stack), stack, None) == ""
    other = RootCause("jobs", "Role", "AWS::IAM::Role", "taken")
    assert way_back(lab.run(stack), stack, other) == ""
    assert way_back(lab.run(stack), stack, ALIAS).startswith(
        "Why CodeDeploy did not shift worker back is not known: "
    )


@pytest.mark.parametrize(
    ("revision", "target"),
    [
        ({"string": {"content": MOVES}}, "6"),
        ({"appSpecContent": {"content": MOVES}}, "6"),
        ({"appSpecContent": {"content": "version: 0.0"}}, ""),
        ({"appSpecContent": {"content": '{"Resources": [{}]}'}}, ""),
        ({}, ""),
    ],
    ids=["string", "content", "YAML", "nothing named", "nothing"],
)
def test_the_version_is_read_from_what_cloudformation_asked_for(
    lab: Lab, revision: dict[str, Any], target: str
) -> None:
    region = lab.target(worker(lab)).region_of(worker(lab))
    with Stubber(region.client("codedeploy")) as aws:
        aws.add_response("list_deployments", {"deployments": ["d-1"]})
        info = {"deploymentId": "d-1", "status": "Stopped", "revision": revision}
        aws.add_response("get_deployment", {"deploymentInfo": info})
        found = last_deployment(region, "lab", "worker", None)
    assert found == Deployment("d-1", "Stopped", "", alarmed=False, target=target)


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
        "traffic of worker: 10 % to version 2",
        "traffic of worker: 20 % to version 2",
        "traffic of worker: all to one version",
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
