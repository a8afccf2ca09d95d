"""Promotion between two accounts of the local AWS; the decision table is tests/review/parity's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tapgen.deploy.guards.promotion import refuse_unproven, running
from tapgen.deploy.observe.parity import sightings
from tapgen.deploy.observe.verify import verify_stacks
from tapgen.errors import RefusedError
from tapgen.model.deployed.events import Unchanged
from tapgen.model.stack import Stack
from tapgen.payments.platform import PLATFORM
from tapgen.review.parity.comparison import compare
from tests.predicaments import data, rolled_back_update

pytestmark = pytest.mark.slow


@pytest.fixture
def stacks(lab: Any) -> tuple[Stack, ...]:
    data = lab.stack("data", {"Note": lab.note(Name="/promotion/note")})
    settings = {"CodeKey": "code.key"}
    compute = lab.stack(
        "compute",
        {"Note": lab.note({"Ref": "CodeKey"})},
        parameters={"CodeKey": lab.code.key},
        settings=settings,
    )
    return data, compute


def promote(lab: Any, source: tuple[Stack, ...], wanted: tuple[Stack, ...]) -> None:
    """Whether staging, made of `source`, proves `wanted` for prod."""
    before = lab.target(*(replace(stack, environment="staging") for stack in source))
    after = lab.target(*(replace(stack, environment="prod") for stack in wanted))
    refuse_unproven(before, after, after.stacks)


def deployed(lab: Any, *stacks: Stack) -> None:
    """Deploy without tapgen, which would put the code into a bucket that is not there."""
    for stack in stacks:
        parameters = [
            {"ParameterKey": name, "ParameterValue": value}
            for name, value in stack.parameters.items()
        ]
        lab.client("cloudformation").create_stack(
            StackName=stack.name, TemplateBody=stack.template.text, Parameters=parameters
        )
    for stack in stacks:
        waiter = lab.client("cloudformation").get_waiter("stack_create_complete")
        waiter.wait(StackName=stack.name, WaiterConfig={"Delay": 1})


def test_what_runs_well_may_go_on(lab: Any, stacks: tuple[Stack, ...]) -> None:
    deployed(lab, *stacks)
    promote(lab, stacks, stacks)


def test_what_was_rolled_back_to_what_is_declared_may_go_on(lab: Any, faults: Any) -> None:
    rolled_back_update(lab, faults)
    assert lab.status("data") == "UPDATE_ROLLBACK_COMPLETE"
    stack = data(lab)
    target = lab.target(stack)
    promote(lab, (stack,), (stack,))
    assert [check for check in verify_stacks(target) if check.ok is False] == []
    assert isinstance(lab.deploy(stack).outcomes["data"], Unchanged)
    parity = compare(PLATFORM, {"lab": [stack]}, sightings([target]))
    assert parity.holds


def test_every_reason_is_told_with_what_to_do(lab: Any, stacks: tuple[Stack, ...]) -> None:
    data, compute = stacks
    deployed(lab, *stacks)
    lab.client("ssm").delete_parameter(Name="/promotion/note")
    other = lab.stack("data", {"Note": lab.note("two")})
    code = replace(compute, parameters={"CodeKey": "functions/new.zip"})
    later = lab.stack("api", {"Note": lab.note()})
    unknown = lab.stack("zone", {"Note": lab.note()})
    with pytest.raises(RefusedError) as refusal:
        promote(lab, (data, compute, later), (other, code, later, unknown))
    assert refusal.value.message == (
        "prod cannot be promoted from staging: in staging, "
        "data runs another template than the rendered one; data has drifted (Note); "
        "compute runs other code than the packaged one; api is not deployed; "
        "zone is not one of its layers"
    )
    assert "`tapgen deploy --env staging --local`" in refusal.value.hint
    assert "`tapgen drift --env staging --local`" in refusal.value.hint


def test_the_shell_of_a_planned_stack_is_no_deployment(lab: Any) -> None:
    stack = lab.stack("data", {"Note": lab.note()})
    lab.plan(lab.deployment(stack))
    assert lab.status("data") == "REVIEW_IN_PROGRESS"
    assert running(lab.target(stack), ["data"])["data"].status == "ABSENT"


@pytest.mark.parametrize("text", ["Resources: {}", "[]"])
def test_a_foreign_template_is_another_one(
    lab: Any, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    stack = lab.stack("data", {"Note": lab.note()})
    deployed(lab, stack)
    target = lab.target(stack)
    monkeypatch.setattr(target.cloudformation(stack), "template", lambda _: text)
    assert running(target, ["data"])["data"].document is None


def test_wrong_credentials_name_the_option_that_takes_the_right_ones(
    lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = lab.target(lab.stack("data", {"Note": lab.note()}))
    target.account.client("sts", target.home_region)
    monkeypatch.setattr(target.account, "account_id", "123456789012")
    with pytest.raises(RefusedError, match=r"^lab: these credentials belong to") as refusal:
        running(target, ["data"])
    assert "--from-profile" in refusal.value.hint
