from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapgen.model.templates.intrinsics import Resolver, Unknown, references
from tapgen.payments.platform import PLATFORM
from tapgen.render.code.function_package import Code
from tapgen.render.placement import stacks_of
from tapgen.settings.environment import Environment
from tapgen.settings.fields import Field, fields
from tapgen.settings.kinds import settings_of

PARAMETERS = {
    "Name": {"Type": "String"},
    "Size": {"Type": "Number", "Default": 5},
    "Ids": {"Type": "List<AWS::EC2::Subnet::Id>"},
    "Modes": {"Type": "CommaDelimitedList", "Default": "a,b"},
    "On": {"Type": "String", "Default": True},
}


def resolver(values: dict[str, str] | None = None, **document: Any) -> Resolver:
    return Resolver({"Parameters": PARAMETERS, **document}, values or {}, "123456789012", "eu-x-1")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("text", "text"),
        (7, 7),
        ([1, {"Ref": "Size"}], [1, "5"]),
        ({"Ref": "AWS::AccountId"}, "123456789012"),
        ({"Ref": "AWS::Region"}, "eu-x-1"),
        ({"Ref": "AWS::Partition"}, "aws"),
        ({"Ref": "AWS::URLSuffix"}, "amazonaws.com"),
        ({"Ref": "AWS::StackName"}, Unknown("AWS::StackName")),
        ({"Ref": "Size"}, "5"),
        ({"Ref": "On"}, "true"),
        ({"Ref": "Name"}, Unknown("Name")),
        ({"Ref": "Modes"}, ["a", "b"]),
        ({"Ref": "Table"}, Unknown("Table")),
        ({"Fn::GetAtt": ["Table", "Arn"]}, Unknown("Table.Arn")),
        ({"Fn::GetAtt": "Table.Stream.Arn"}, Unknown("Table.Stream.Arn")),
        ({"Fn::Join": ["-", ["a", 1, True]]}, "a-1-true"),
        ({"Fn::Join": ["-", {"Ref": "Modes"}]}, "a-b"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Table"}]]}, Unknown("a-{Table}")),
        ({"Fn::Join": ["-", {"Fn::GetAtt": ["Zone", "NameServers"]}]}, Unknown("Zone.NameServers")),
        ({"Fn::Sub": "${Size} in ${AWS::Region}"}, "5 in eu-x-1"),
        ({"Fn::Sub": "${!Size}"}, "${Size}"),
        ({"Fn::Sub": ["${Own}-${Size}", {"Own": {"Ref": "AWS::Partition"}}]}, "aws-5"),
        ({"Fn::Sub": ["${On}", {"On": False}]}, "false"),
        ({"Fn::Sub": "x/${Table.Arn}"}, Unknown("x/{Table.Arn}")),
        ({"Fn::Select": [1, {"Ref": "Modes"}]}, "b"),
        ({"Fn::Select": [9, {"Ref": "Modes"}]}, Unknown("Select(9)")),
        ({"Fn::Select": ["0", {"Fn::GetAZs": ""}]}, Unknown("GetAZs(eu-x-1)[0]")),
        ({"Fn::Select": [{"Ref": "Name"}, ["a"]]}, Unknown("Select({Name})")),
        ({"Fn::GetAZs": "us-x-1"}, Unknown("GetAZs(us-x-1)")),
        ({"Fn::Split": [":", "a:b"]}, ["a", "b"]),
        ({"Fn::Split": [":", {"Ref": "Table"}]}, Unknown("Table")),
        ({"Fn::Cidr": ["10.0.0.0/16", 2, "8"]}, ["10.0.0.0/24", "10.0.1.0/24"]),
        ({"Fn::Cidr": ["2001:db8::/56", 1, 64]}, ["2001:db8::/64"]),
        ({"Fn::Cidr": [{"Ref": "Vpc"}, 2, 8]}, Unknown("Vpc")),
        ({"Fn::Cidr": ["10.0.0.0/16", {"Ref": "Name"}, 8]}, Unknown("Cidr(10.0.0.0/16)")),
        ({"Fn::Cidr": ["10.0.0.0/16", 2]}, Unknown("Cidr(10.0.0.0/16)")),
        ({"Fn::FindInMap": ["No", "Such", "Map"]}, Unknown("FindInMap(No, Such, Map)")),
        ({"Fn::FindInMap": [{"Ref": "Name"}, "a", "b"]}, Unknown("FindInMap({Name}, a, b)")),
        ({"Fn::ImportValue": "other-KeyArn"}, Unknown("ImportValue(other-KeyArn)")),
        ({"Fn::Equals": [{"Ref": "Size"}, 5]}, True),
        ({"Fn::Equals": [True, "true"]}, True),
        ({"Fn::Equals": ["a", "b"]}, False),
        ({"Fn::Not": [{"Fn::Equals": ["a", "b"]}]}, True),
        ({"Fn::And": [True, {"Fn::Equals": ["a", "b"]}]}, False),
        ({"Fn::Or": [False, {"Fn::Equals": ["a", "a"]}]}, True),
        ({"Condition": {"StringEquals": {"a": "b"}}}, {"Condition": {"StringEquals": {"a": "b"}}}),
        ({"Ref": "Size", "Else": 1}, {"Ref": "Size", "Else": 1}),
        ({"Kept": 1, "Gone": {"Ref": "AWS::NoValue"}}, {"Kept": 1}),
        ([1, {"Ref": "AWS::NoValue"}], [1]),
    ],
)
def test_expressions(expression: Any, value: Any) -> None:
    assert resolver().value(expression) == value


def test_unknown_values_show_their_expression() -> None:
    assert str(Unknown("Table.Arn")) == "{Table.Arn}"


def test_given_values_win_over_defaults_and_lists_are_split() -> None:
    it = resolver({"Size": "7", "Ids": "subnet-1,subnet-2"})
    assert it.value([{"Ref": "Size"}, {"Ref": "Ids"}]) == ["7", ["subnet-1", "subnet-2"]]


def test_what_cloudformation_looks_up_is_not_the_name_that_it_is_looked_up_by() -> None:
    looked_up = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/image"}
    it = Resolver({"Parameters": {"Image": looked_up}}, {"Image": "/own"}, "123456789012", "eu-x-1")
    assert it.value({"Ref": "Image"}) == Unknown("Image")


def test_a_map_without_the_name_of_an_entry_gives_nothing_known() -> None:
    it = resolver(Mappings={"Zones": {"eu-x-1": "Count"}})
    expression = {"Fn::FindInMap": ["Zones", "eu-x-1", "Count"]}
    assert it.value(expression) == Unknown("FindInMap(Zones, eu-x-1, Count)")


def test_deployed_values_are_known() -> None:
    it = resolver()
    it.physical_ids = {"Table": "payments-dev-t"}
    it.attributes = {"Table.Arn": "arn:t"}
    assert it.value({"Fn::Sub": "${Table}|${Table.Arn}"}) == "payments-dev-t|arn:t"


def test_maps_are_looked_up() -> None:
    it = resolver(Mappings={"Zones": {"eu-x-1": {"Count": {"Ref": "Size"}}}})
    expression = {"Fn::FindInMap": ["Zones", {"Ref": "AWS::Region"}, "Count"]}
    assert it.value(expression) == "5"


CONDITIONAL: dict[str, Any] = {
    "Conditions": {
        "IsBig": {"Fn::Equals": [{"Ref": "Size"}, "9"]},
        "IsSmall": {"Fn::Not": [{"Condition": "IsBig"}]},
    },
    "Resources": {
        "Always": {"Type": "T", "Properties": {"P": {"Fn::If": ["IsBig", 1, 2]}}},
        "Big": {"Type": "T", "Condition": "IsBig"},
        "Small": {"Type": "T", "Condition": "IsSmall"},
    },
    "Outputs": {"Out": {"Condition": "IsBig", "Value": {"Ref": "Big"}}},
}


def test_what_a_condition_leaves_out_is_not_there() -> None:
    small = resolver(**CONDITIONAL).resolve()
    assert small.conditions == {"IsBig": False, "IsSmall": True}
    assert small.resources == {
        "Always": {"Type": "T", "Properties": {"P": 2}},
        "Small": {"Type": "T"},
    }
    assert small.outputs == {}
    big = resolver({"Size": "9"}, **CONDITIONAL).resolve()
    assert big.resources == {"Always": {"Type": "T", "Properties": {"P": 1}}, "Big": {"Type": "T"}}
    assert big.outputs == {"Out": {"Value": Unknown("Big")}}


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("Ref", set()),
        ([{"Ref": "A"}, {"Ref": "B"}], {"A", "B"}),
        ({"Fn::GetAtt": ["A", "Arn"]}, {"A"}),
        ({"Fn::GetAtt": "A.Arn"}, {"A"}),
        ({"Fn::Sub": "${A}${B.Arn}${!C}${AWS::Region}"}, {"A", "B", "AWS::Region"}),
        ({"Fn::Sub": ["${Own}${A}", {"Own": {"Ref": "B"}}]}, {"A", "B"}),
        ({"Fn::If": ["IsA", {"Ref": "B"}, "x"]}, {"IsA", "B"}),
        ({"Fn::Not": [{"Condition": "IsA"}]}, {"IsA"}),
        ({"Condition": {"StringEquals": {"Ref": "A"}}}, {"A"}),
        ({"Value": {"Fn::Join": ["", [{"Ref": "A"}]]}, "Condition": "IsB"}, {"A", "IsB"}),
    ],
)
def test_references(expression: Any, names: set[str]) -> None:
    assert references(expression) == names


# --- the real templates, in any environment that the settings allow -------------------------------


def values(field: Field) -> st.SearchStrategy[Any]:
    """Every value that a setting accepts."""
    if field.setting == "network.cidr":  # the pattern lets numbers above 255 through, loading not
        return st.builds(
            lambda octet, length: str(IPv4Network((f"10.{octet}.0.0", length))),
            st.integers(0, 255),
            st.integers(16, 22),
        )
    if field.kind == "list":
        return st.lists(st.sampled_from(field.choices), unique=True)
    if field.kind == "flag":
        return st.booleans()
    if field.choices:
        return st.sampled_from(field.choices)
    if field.kind == "whole":
        return st.integers(field.low, field.high)
    return st.from_regex(field.pattern, fullmatch=True).filter(lambda text: "\n" not in text)


@st.composite
def environments(draw: st.DrawFn) -> Environment:
    document: dict[str, Any] = {}
    for setting, field in fields(PLATFORM).items():
        *sections, leaf = setting.split(".")
        place = document
        for section in sections:
            place = place.setdefault(section, {})
        if field.required or draw(st.booleans()):
            place[leaf] = draw(values(field))
    return Environment(msgspec.convert(document, settings_of(PLATFORM)), PLATFORM)


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from leaves(item)
    else:
        yield value


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(environment=environments())
def test_the_real_templates_resolve_in_every_environment(
    rendered: Any, environment: Environment
) -> None:
    on = {
        name: environment.value(name)
        for name, field in fields(PLATFORM).items()
        if field.kind == "flag"
    }
    for stack in stacks_of(PLATFORM, environment, rendered.templates, Code(())):
        document = stack.template.document
        found = Resolver(document, stack.parameters, stack.account_id, stack.region).resolve()
        for parameter, setting in stack.template.settings.items():
            if f"Is{parameter}" in found.conditions and setting in on:
                assert found.conditions[f"Is{parameter}"] is on[setting]
            if f"Has{parameter}" in found.conditions:
                assert found.conditions[f"Has{parameter}"] is bool(environment.value(setting))
        for name, resource in document["Resources"].items():
            wanted = found.conditions.get(resource.get("Condition", ""), True)
            assert (name in found.resources) is wanted
        for leaf in leaves([*found.resources.values(), *found.outputs.values()]):
            assert isinstance(leaf, str | int | float | Unknown), leaf
