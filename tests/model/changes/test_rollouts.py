from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.model.changes.change import Change, PropertyChange
from tapgen.model.changes.rollouts import Rollout, moved, rollouts

if TYPE_CHECKING:
    from tapgen.model.stack import Stack
    from tapgen.render.rendering import Rendered
    from tests.small_stacks import MakeStack, MakeTemplate

VERSION = (PropertyChange(name="FunctionVersion"),)


@pytest.fixture
def compute(rendered: Rendered) -> Stack:
    """The functions of an environment whose aliases are moved in steps."""
    return next(one for one in rendered.stacks["prod"] if one.layer == "compute")


def test_what_moves_an_alias_is_read_from_the_template(compute: Stack) -> None:
    payments, sessions = rollouts(compute, compute.parameters)
    assert payments == Rollout(
        alias="PaymentProcessorAlias",
        function="payments-prod-payment-processor",
        name="live",
        application="payments-prod",
        group="payments-prod-payment-processor",
        configuration="CodeDeployDefault.LambdaCanary10Percent5Minutes",
        alarms=("payments-prod-payment-processor-rollout",),
        check="payments-prod-rollout-check",
    )
    assert sessions.alias == "SessionManagerAlias"


def test_all_at_once_moves_nothing_in_steps(compute: Stack) -> None:
    assert rollouts(compute, {**compute.parameters, "Rollout": "all-at-once"}) == ()


def test_a_stack_without_such_an_alias_is_not_even_evaluated(make_stack: MakeStack) -> None:
    assert rollouts(make_stack(), {}) == ()


@pytest.mark.parametrize(
    ("configuration", "minutes"),
    [
        ("CodeDeployDefault.LambdaCanary10Percent5Minutes", 5),
        ("CodeDeployDefault.LambdaCanary10Percent15Minutes", 15),
        ("CodeDeployDefault.LambdaLinear10PercentEvery1Minute", 10),
        ("CodeDeployDefault.LambdaLinear10PercentEvery3Minutes", 30),
        ("CodeDeployDefault.LambdaAllAtOnce", None),
        ("my-own-steps", None),
    ],
)
def test_the_steps_of_aws_tell_how_long_they_take(configuration: str, minutes: int | None) -> None:
    rollout = Rollout("Alias", "f", "live", "app", "group", configuration)
    assert rollout.minutes == minutes


def alias(**policy: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::Alias",
        "Properties": {"FunctionName": "worker", "FunctionVersion": "1", "Name": "live"},
        "UpdatePolicy": {"CodeDeployLambdaAliasUpdate": policy},
    }


def test_what_is_elsewhere_is_known_by_its_name_alone(
    make_stack: MakeStack, make_template: MakeTemplate
) -> None:
    policy = {"ApplicationName": "shared", "DeploymentGroupName": {"Ref": "Group"}}
    template = make_template(
        Alias=alias(**policy), Parameters={"Group": {"Type": "String"}}, Topic="AWS::SNS::Topic"
    )
    stack = make_stack(template=template)
    (found,) = rollouts(stack, {"Group": "workers"})
    assert (found.application, found.group) == ("shared", "workers")
    assert (found.alarms, found.check, found.minutes) == ((), "", None)
    (found,) = rollouts(stack, {})
    assert found.group == ""


def test_an_alias_is_moved_by_another_version_only(compute: Stack) -> None:
    every = rollouts(compute, compute.parameters)
    changed = Change("Modify", "PaymentProcessorAlias", "AWS::Lambda::Alias", details=VERSION)
    assert [one.alias for one in moved(every, [changed])] == ["PaymentProcessorAlias"]
    policy = (PropertyChange(attribute="UpdatePolicy"),)
    assert moved(every, [replace(changed, details=policy)]) == ()
    assert moved(every, [replace(changed, action="Add")]) == ()
