from __future__ import annotations

from typing import Any

import pytest

from tapgen.model.templates.template import Template
from tapgen.review.lint.findings import Finding
from tests.review.lint.rules.stubs import (
    QUEUE,
    RETAINED,
    TAGGED,
    found,
    names,
    stack,
    template,
    told,
    with_resource,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "AWS::StackName"}, ["stack-name"]),
        ({"Fn::Sub": "x-${AWS::StackName}"}, ["stack-name"]),
        ("AWS::StackName", []),
        ("arn:aws:sqs::123456789012:x", ["account-literal"]),
        ("arn:aws:lambda::017000801446:layer:x", []),
        ("1234567890123", []),
        ('{"maximum": 999999999999}', []),
        ('{"account": "999999999999"}', ["account-literal"]),
        ("eu-central-1", ["account-literal"]),
        ("logs.eu-central-1.amazonaws.com", ["account-literal"]),
        ("us-east-1", []),
        ("my-eu-central-1-thing", []),
    ],
)
def test_literals_that_tie_a_template_to_a_place(value: Any, expected: list[str]) -> None:
    assert names(with_resource("AWS::SQS::Queue", {"QueueName": value}, **RETAINED)) == expected


def test_what_is_for_people_may_name_anything() -> None:
    properties = {"Description": "since 123456789012 in eu-central-1"}
    assert names(with_resource("AWS::SQS::Queue", properties, **RETAINED)) == []


def test_conditions_do_not_ask_for_the_name_of_the_environment() -> None:
    declared = {"Type": "String", "Description": "d", "AllowedPattern": ".*"}
    of = template(
        {"Name": "name", "Nat": "network.nat"},
        Parameters={"Name": declared, "Nat": declared},
        Conditions={
            "Prod": {"Fn::Equals": [{"Ref": "Name"}, "prod"]},
            "Nat": {"Fn::Equals": [{"Ref": "Nat"}, "single"]},
        },
    )
    (one,) = found(of)
    assert one.name == "environment-condition"
    assert locate_line(of, one).strip().startswith('"Fn::Equals"')


def locate_line(of: Template, one: Finding) -> str:
    return of.text.split("\n")[one.line - 1]


def test_what_belongs_to_one_environment_is_not_baked_in() -> None:
    declared = {"Type": "String", "Description": "d", "AllowedPattern": ".*"}
    of = template(
        {"Prefix": "prefix", "Domain": "domain", "Project": "project"},
        Parameters=dict.fromkeys(("Prefix", "Domain", "Project"), declared),
        Resources={
            "Queue": {**QUEUE, "Properties": {**TAGGED, "QueueName": "payments-dev-letters"}},
        },
    )
    values = {"Prefix": "payments-dev", "Domain": "", "Project": "payments"}
    assert told(of, stack(of, parameters=values)) == [
        ("environment-literal", "hard-codes payments-dev: use the parameter Prefix")
    ]
    assert told(of, stack(of, parameters={**values, "Prefix": "payments-prod"})) == []
