"""What a stack takes over: with consent whatever is there, without it only its own."""

from __future__ import annotations

import pytest

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.deploy.adopt.consent import Consent
from tapgen.deploy.adopt.takeover import NOTHING, Takeovers
from tapgen.errors import RefusedError
from tapgen.model.plan import Difference
from tests.lab import Lab


def test_without_consent_what_is_not_the_environments_is_refused_with_the_command(
    lab: Lab,
) -> None:
    lab.client("sqs").create_queue(QueueName="jobs")
    stack = lab.stack("data", {"Jobs": Lab.kept("AWS::SQS::Queue", QueueName="jobs")})
    target, state = lab.target(stack), StackState("lab-data")
    with pytest.raises(RefusedError) as raised:
        Takeovers(target).of(stack, {}, state)
    assert (
        "`tapgen adopt --env lab --layer data --local` shows what differs and takes it over."
        in raised.value.hint
    )
    taken = Takeovers(target, Consent("data")).of(stack, {}, state)
    assert [one.logical_id for one in taken.adoptions] == ["Jobs"]
    with pytest.raises(RefusedError):
        Takeovers(target, Consent("another")).of(stack, {}, state)


def test_a_stack_that_lacks_nothing_retained_takes_nothing_over(lab: Lab) -> None:
    stack = lab.stack("data", {"Note": lab.note()})
    lab.deploy(stack)
    target = lab.target(stack)
    assert Takeovers(target).of(stack, {}, target.describe("data")) == NOTHING


def test_what_cannot_be_read_is_told(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    from tapgen.aws.readers.values import NotRead

    monkeypatch.setattr(
        "tapgen.deploy.adopt.adoption.read_identified", lambda *_: NotRead("AWS cannot read it")
    )
    lab.client("sqs").create_queue(QueueName="jobs")
    stack = lab.stack("data", {"Jobs": Lab.kept("AWS::SQS::Queue", QueueName="jobs")})
    taken = Takeovers(lab.target(stack), Consent("data")).of(stack, {}, StackState("lab-data"))
    assert taken.differences == (Difference("Jobs", unseen="AWS cannot read it"),)
    assert taken.adoptions[0].properties == {"QueueName": "jobs"}
