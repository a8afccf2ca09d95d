"""What a template has computed, mapped to the policies of everybody who has it computed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from tapgen.iam import policies
from tapgen.iam.computed import (
    FREE,
    FUNCTIONS,
    PARAMETER_TYPES,
    REFERENCES,
    computed,
    computing,
    unknown,
)
from tapgen.iam.policies import Roles
from tapgen.iam.reference import known
from tapgen.model.templates.template import Template
from tapgen.payments.platform import PLATFORM
from tests.iam.stacks import stack

if TYPE_CHECKING:
    from tapgen.model.stack import Stack
    from tapgen.render.rendering import Rendered

TABLES: Final = {**FUNCTIONS, **PARAMETER_TYPES, **REFERENCES}
ROLE: Final = "arn:aws:iam::333333333333:role/cloudformation"


def with_value(value: Any) -> Stack:
    note = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value}}
    return stack(Note=note)


@pytest.fixture(scope="module", params=["dev", "staging", "prod"])
def stacks(request: pytest.FixtureRequest, rendered: Rendered) -> tuple[Stack, ...]:
    return rendered.stacks[request.param]


def test_everything_that_the_platform_has_computed_is_in_a_table(
    stacks: tuple[Stack, ...],
) -> None:
    assert unknown(stacks) == ()
    assert {"Fn::GetAZs", "AWS::EC2::Subnet::Id", "secretsmanager"} <= computed(stacks)


def test_the_tables_name_actions_that_there_are_and_say_where_it_is_written() -> None:
    for one in TABLES.values():
        assert one.source
        assert all(known(action) for action in one.permissions.split())
    assert not FREE & TABLES.keys()


@pytest.mark.parametrize("service", [None, ROLE])
@pytest.mark.parametrize("task", sorted(policies.BUILDERS))
def test_whoever_makes_a_change_set_may_compute_it(
    stacks: tuple[Stack, ...], task: str, service: str | None
) -> None:
    made = policies.BUILDERS[task](PLATFORM, stacks, Roles(service=service))
    allowed = {
        action
        for policy in made
        for one in policy.document["Statement"]
        for action in one["Action"]
    }
    assert computing(stacks, planning=True) <= allowed
    executes = task == "service-role" or (task == "deploy" and not service)
    assert ("secretsmanager:GetSecretValue" in allowed) is executes


@pytest.mark.parametrize(
    ("value", "actions"),
    [
        ({"Fn::Select": [0, {"Fn::GetAZs": ""}]}, FUNCTIONS["Fn::GetAZs"].permissions),
        (["plain", {"Fn::Sub": "${AWS::Region}"}], ""),
        ('"Fn::GetAZs": ""', ""),
    ],
)
def test_functions_are_found_wherever_they_are(value: Any, actions: str) -> None:
    assert computing([with_value(value)], planning=True) == set(actions.split())


def test_a_secret_is_read_when_the_change_set_is_executed() -> None:
    declared = with_value("{{resolve:secretsmanager:name:SecretString:key}}")
    assert computing([declared], planning=True) == set()
    assert "secretsmanager:GetSecretValue" in computing([declared], planning=False)


def test_what_no_table_knows_is_told() -> None:
    found = [with_value(["{{resolve:ssm:name}}", {"Fn::ImportValue": "x"}])]
    assert unknown(found) == ("Fn::ImportValue", "ssm")
    assert policies.underivable(found) == ("Fn::ImportValue", "ssm")


@pytest.mark.parametrize(
    ("declared", "action"),
    [
        ("AWS::EC2::VPC::Id", "ec2:DescribeVpcs"),
        ("List<AWS::EC2::VPC::Id>", "ec2:DescribeVpcs"),
        ("AWS::SSM::Parameter::Value<String>", "ssm:GetParameters"),
        ("AWS::SSM::Parameter::Value<List<AWS::EC2::Image::Id>>", "ssm:GetParameters"),
    ],
)
def test_values_of_the_account_are_looked_up(declared: str, action: str) -> None:
    parameters = {"Vpc": {"Type": declared}, "Names": {"Type": "CommaDelimitedList"}}
    one = with_value("x")
    text = json.dumps({**one.template.document, "Parameters": parameters})
    typed = replace(one, template=Template("a", text))
    assert computing([typed], planning=True) == {action}
