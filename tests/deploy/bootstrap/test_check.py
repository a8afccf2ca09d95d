"""What a baseline lacks, by what AWS says of its stack."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.deploy.bootstrap.check import Checked, Verdict, checked, settings_for
from tapgen.deploy.bootstrap.placement import Told, placed
from tapgen.payments.platform import PLATFORM
from tapgen.render.bootstrap.template import bootstrap_template
from tapgen.settings.store import load
from tests.conftest import ENVS
from tests.render.bootstrap.conftest import GITHUB, SMALL

if TYPE_CHECKING:
    from tapgen.model.stack import Stack
    from tapgen.settings.environment import Environment

TOLD = Told("acme/payments", GITHUB, ["arn:aws:iam::{account}:role/lead"], 400, "governance")
ROLE = "arn:aws:iam::111111111111:role/tapgen-payments-dev-cloudformation"
SETTINGS = {
    "deployment.role_arn": ROLE,
    "deployment.permission_boundary": "tapgen-payments-dev-boundary",
    "deployment.ledger": "tapgen-payments-dev-ledger-111111111111",
}


@pytest.fixture(scope="module")
def environment() -> Environment:
    return load(ENVS, PLATFORM, "dev")


@pytest.fixture(scope="module")
def stack(environment: Environment) -> Stack:
    template = bootstrap_template(GITHUB, SMALL, with_records=False)
    return placed(template, environment, (), TOLD)


def deployed(stack: Stack, **changed: Any) -> StackState:
    state = StackState(
        stack.name,
        "CREATE_COMPLETE",
        parameters=dict(stack.parameters),
        seal=stack.template.seal,
        outputs={"LedgerBucketName": "ledger"},
    )
    return replace(state, **changed)


def test_what_is_not_there_is_missing(environment: Environment, stack: Stack) -> None:
    for state in (StackState(stack.name), StackState(stack.name, "REVIEW_IN_PROGRESS")):
        found = checked(environment, stack, state)
        reason = "there is no stack tapgen-payments-dev-bootstrap"
        assert found == Checked(Verdict.MISSING, (reason,), SETTINGS)
        assert not found.complete


def test_what_is_as_it_would_be_made_is_current(environment: Environment, stack: Stack) -> None:
    found = checked(environment, stack, deployed(stack))
    assert (found.verdict, found.reasons) == (Verdict.CURRENT, ())
    assert found.outputs == {"LedgerBucketName": "ledger"}
    assert not found.complete  # the settings do not name the roles yet
    assert replace(found, settings={}).complete


def test_settings_are_told_that_are_missing_or_say_something_else(
    environment: Environment,
) -> None:
    names = {key.removeprefix("deployment."): value for key, value in SETTINGS.items()}

    def told(**said: str) -> dict[str, str]:
        deployment = msgspec.structs.replace(environment.settings.deployment, **said)
        settings = msgspec.structs.replace(environment.settings, deployment=deployment)
        return settings_for(replace(environment, settings=settings))

    assert told(**names) == {}
    other = told(**{**names, "ledger": "somebody-elses"})
    assert other == {"deployment.ledger": SETTINGS["deployment.ledger"]}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"status": "UPDATE_ROLLBACK_FAILED"}, "the stack is in UPDATE_ROLLBACK_FAILED"),
        ({"seal": "0" * 16}, "the template is not the current one"),
        ({"termination_protection": True}, "termination protection is on"),
    ],
)
def test_whatever_differs_makes_it_old(
    environment: Environment, stack: Stack, changed: dict[str, Any], reason: str
) -> None:
    found = checked(environment, stack, deployed(stack, **changed))
    assert (found.verdict, found.reasons) == (Verdict.OLD, (reason,))


def test_parameters_are_told_one_by_one(environment: Environment, stack: Stack) -> None:
    parameters = {**stack.parameters, "Repository": "acme/other", "Approvers": ""}
    found = checked(environment, stack, deployed(stack, parameters=parameters))
    assert found.reasons == (
        "Approvers is empty, but should be arn:aws:iam::111111111111:role/lead",
        "Repository is acme/other, but should be acme/payments",
    )
    assert checked(environment, stack, deployed(stack, parameters=None)).reasons == ()


def test_protection_is_to_be_on_where_the_environment_is_protected(
    environment: Environment, stack: Stack
) -> None:
    protected = replace(stack, protected=True)
    found = checked(environment, protected, deployed(stack))
    assert found.reasons == ("termination protection is off",)
