from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tapgen.model.layer import OutputRef
from tapgen.review.lint.rules import parameters
from tapgen.settings.base import Form
from tapgen.settings.fields import Field
from tests.review.lint.rules.stubs import (
    found,
    names,
    stack,
    template,
    told,
)


@pytest.mark.parametrize(
    ("declaration", "expected"),
    [
        ({"Type": "String", "AllowedPattern": "x"}, 0),
        ({"Type": "Number", "MinValue": 1, "MaxValue": 2}, 0),
        ({"Type": "String", "AllowedValues": ["a"]}, 0),
        ({"Type": "List<AWS::EC2::Subnet::Id>"}, 0),
        ({"Type": "String"}, 1),
        ({"Type": "Number", "MinValue": 1}, 1),
        ({"Type": "String", "AllowedPattern": "x", "Description": ""}, 1),
    ],
)
def test_parameters_are_described_and_bounded(declaration: dict[str, Any], expected: int) -> None:
    of = template(Parameters={"P": {"Description": "What it is.", **declaration}})
    assert names(of) == ["parameter-declaration"] * expected


@pytest.mark.parametrize(
    ("name", "extra", "expected"),
    [
        ("ApiToken", {"Default": "hunter2"}, 1),
        ("Anything", {"Default": "hunter2", "NoEcho": True}, 1),
        ("ApiToken", {"Default": ""}, 0),
        ("ApiToken", {}, 0),
        ("OriginSecretName", {"Default": "origin"}, 0),
        ("Mode", {"Default": "on"}, 0),
    ],
)
def test_no_secret_is_a_default(name: str, extra: dict[str, Any], expected: int) -> None:
    declaration = {"Type": "String", "Description": "d", "AllowedPattern": ".*", **extra}
    assert names(template(Parameters={name: declaration})) == ["secret-default"] * expected


@pytest.mark.parametrize(
    ("declaration", "value", "fault"),
    [
        ({"Type": "String", "AllowedPattern": "^a+$"}, "aaa", ""),
        ({"Type": "String", "AllowedPattern": "^a+$"}, "aab", "does not match ^a+$"),
        ({"Type": "String", "AllowedPattern": "a"}, "aa", "does not match a"),
        ({"Type": "Number", "MinValue": 1, "MaxValue": 9}, "9", ""),
        ({"Type": "Number", "MinValue": 1, "MaxValue": 9}, "0", "is less than 1"),
        ({"Type": "Number", "MinValue": 1, "MaxValue": 9}, "10", "is more than 9"),
        ({"Type": "Number", "MinValue": 1, "MaxValue": 9}, "ten", "is not a number"),
        ({"Type": "Number", "AllowedValues": [7, 14]}, "14", ""),
        ({"Type": "Number", "AllowedValues": [7, 14]}, "8", "is not one of 7, 14"),
        ({"Type": "CommaDelimitedList", "AllowedValues": ["a", "b"]}, "a,b", ""),
        ({"Type": "CommaDelimitedList", "AllowedValues": ["a", "b"]}, "a,c", "is not one of a, b"),
        ({"Type": "String", "AllowedPattern": ".*", "MinLength": 2}, "x", "is shorter than 2 char"),
        ({"Type": "String", "AllowedPattern": ".*", "MaxLength": 2}, "xyz", "is longer than 2 ch"),
        ({"Type": "String", "AllowedPattern": ".*"}, "é" * 2048, ""),
        ({"Type": "String", "AllowedPattern": ".*"}, "é" * 2049, "is longer than 4096 bytes"),
    ],
)
def test_values_satisfy_their_declaration(
    declaration: dict[str, Any], value: str, fault: str
) -> None:
    of = template({"P": "some.setting"}, Parameters={"P": {"Description": "d", **declaration}})
    messages = [one.message for one in found(of, stack(of, parameters={"P": value}))]
    assert len(messages) == bool(fault)
    assert all(f"P = {value[:60]!r} (some.setting) {fault}" in message for message in messages)


def test_a_parameter_without_a_value_is_told_for_its_environment() -> None:
    declared = {"Type": "String", "Description": "d", "AllowedPattern": "x+"}
    of = template(Parameters={"P": declared})
    (one,) = found(of, stack(of))
    assert one.message == "P gets no value from a setting, an input or a default"
    assert one.environments == ("dev",)
    default = template(Parameters={"P": {**declared, "Default": "y"}})
    assert told(default, stack(default)) == [
        ("parameter-value", "P = 'y' (default) does not match x+")
    ]


def test_every_input_is_given_by_another_layer() -> None:
    declared = {"Type": "String", "Description": "d", "AllowedPattern": ".*"}
    of = template(Parameters={"KeyArn": declared})
    giver = replace(
        template(
            {"Flag": "some.flag"},
            Parameters={"Flag": declared},
            Conditions={"On": {"Fn::Equals": [{"Ref": "Flag"}, "true"]}},
            Outputs={"Always": {"Value": "x"}, "Sometimes": {"Value": "x", "Condition": "On"}},
        ),
        layer="giver",
    )

    def taking(
        output: str, layer: str = "giver", flag: str = "true", environment: str = ""
    ) -> list[tuple[str, str]]:
        taker = stack(of, inputs={"KeyArn": OutputRef(layer, output, environment=environment)})
        return told(of, taker, stack(giver, parameters={"Flag": flag}))

    assert taking("Always") == []
    assert taking("Sometimes") == []
    lost = "KeyArn has no source: "
    assert taking("Sometimes", flag="false") == [
        ("input-source", f"{lost}giver.Sometimes, but the output's condition is false")
    ]
    assert taking("Never") == [
        ("input-source", f"{lost}giver.Never, but the layer has no such output")
    ]
    assert taking("X", layer="zone") == [
        ("input-source", f"{lost}zone.X, but the environment does not have that layer")
    ]
    assert taking("Never", environment="prod") == []  # the reader of the setting looks there


FIELDS = {
    "size": Field("size", "whole", "d", required=True, varies=True, own="", low=1, high=9),
    "level": Field("level", "whole", "d", required=True, varies=True, own="", choices=(1, 5)),
    "on": Field("on", "flag", "d", required=True, varies=True, own=""),
    "modes": Field("modes", "list", "d", required=True, varies=True, own="", choices=("a", "b")),
    "host": Field(
        "host",
        "text",
        "d",
        required=False,
        varies=True,
        own="",
        form=Form("a host", "host.example.com"),
    ),
    "plain": Field("plain", "text", "d", required=True, varies=True, own="", pattern="x"),
}


@pytest.mark.parametrize(
    ("setting", "declaration", "told"),
    [
        ("size", {"Type": "Number", "MinValue": 1, "MaxValue": 9}, ""),
        ("size", {"Type": "Number", "MinValue": 1}, ""),
        ("size", {"Type": "Number", "MinValue": 2}, "size may be '1', which is less than 2"),
        ("size", {"Type": "Number", "MaxValue": 8}, "size may be '9', which is more than 8"),
        ("level", {"Type": "Number", "AllowedValues": [1, 5, 7]}, ""),
        ("level", {"Type": "Number", "AllowedValues": [1]}, "level may be '5', which is not one"),
        ("on", {"Type": "String", "AllowedValues": ["true", "false"]}, ""),
        ("on", {"Type": "String", "AllowedValues": ["yes"]}, "on may be 'true', which is not one"),
        ("modes", {"Type": "CommaDelimitedList"}, ""),
        ("modes", {"Type": "Number"}, "modes may be 'a,b', which is not a number"),
        ("host", {"Type": "String", "AllowedPattern": "[a-z.]+"}, ""),
        ("host", {"Type": "String", "AllowedPattern": "[a-z]+"},
         "host may be 'host.example.com', which does not match [a-z]+"),
        ("host", {"Type": "String", "AllowedPattern": r"[\w-\+]"}, ""),
        ("plain", {"Type": "Number"}, ""),
        ("prefix", {"Type": "Number"}, ""),
    ],
)  # fmt: skip
def test_whatever_a_setting_may_be_its_parameter_takes(
    setting: str, declaration: dict[str, Any], told: str
) -> None:
    of = template({"P": setting}, Parameters={"P": {"Description": "d", **declaration}})
    problems = [*parameters.narrow_parameter(of, FIELDS)]
    assert [problem.message.partition(":")[0][: len(told)] for problem in problems] == (
        [told] if told else []
    )
    assert all(problem.path == ("Parameters", "P") for problem in problems)


def test_a_parameter_that_is_not_there_is_no_narrow_one() -> None:
    assert [*parameters.narrow_parameter(template({"P": "size"}), FIELDS)] == []
