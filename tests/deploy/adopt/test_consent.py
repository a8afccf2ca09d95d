"""What whoever runs `adopt` agrees to, and what of a stack goes with it."""

from __future__ import annotations

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.deploy.adopt.consent import NO_CONSENT, Consent, found
from tapgen.model.plan import Foreign
from tests.lab import Lab


def test_it_is_for_one_layer_and_spelled_as_the_command_line_does(lab: Lab) -> None:
    consent = Consent("data", {"Table": "orders", "Queue": "https://sqs/jobs"})
    assert consent.options == ("--resource Queue=https://sqs/jobs", "--resource Table=orders")
    assert (consent.verb, NO_CONSENT.verb) == ("adopt", "deploy")
    assert consent.covers(lab.stack("data", {}))
    assert not consent.covers(lab.stack("other", {}))
    assert not NO_CONSENT.covers(lab.stack("data", {}))


def test_what_the_declared_stack_has_too_stays(lab: Lab) -> None:
    stack = lab.stack("data", {}, parameters={"Stays": "x"}, outputs={"Same": "x"})
    state = StackState(
        "lab-data",
        parameters={"Stays": "x", "Goes": "y"},
        outputs={"Same": "x", "Gone": "y"},
        tags={**stack.tags, "Layer": "old", "Owner": "ops"},
        notification_arns=("arn:aws:sns:eu-west-1:1:topic",),
        role_arn="arn:aws:iam::1:role/deployer",
    )
    assert found(stack, state) == Foreign(
        {"Layer": "old", "Owner": "ops"},
        ("Goes",),
        ("Gone",),
        ("arn:aws:sns:eu-west-1:1:topic",),
        "arn:aws:iam::1:role/deployer",
    )
