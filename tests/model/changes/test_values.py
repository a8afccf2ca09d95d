from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tapgen.model.changes.change import KNOWN_AFTER_APPLY, Change, PropertyChange
from tapgen.model.changes.differences import ABSENT
from tapgen.model.changes.secrets import MASK
from tapgen.model.changes.values import Side, completed, deployed_side, value_text
from tapgen.model.templates.intrinsics import Unknown

TABLE = "AWS::DynamoDB::Table"
PARAMETERS = {
    "Read": {"Type": "Number"},
    "Write": {"Type": "Number"},
    "Pin": {"Type": "String", "NoEcho": True},
}
THROUGHPUT = {"ReadCapacityUnits": {"Ref": "Read"}, "WriteCapacityUnits": {"Ref": "Write"}}
BEFORE = {"Read": "5", "Write": "5", "Pin": "****"}


def caused(name: str, *causes: str) -> list[PropertyChange]:
    direct = PropertyChange(name=name, source="DirectModification")
    return [
        direct,
        *(PropertyChange(name=name, source="ParameterReference", cause=c) for c in causes),
    ]


@pytest.fixture
def side(make_template: Any) -> Any:
    def make(properties: Mapping[str, Any], parameters: Mapping[str, str], **more: Any) -> Side:
        resources = {"Table": {"Type": TABLE, "Properties": properties, **more.pop("table", {})}}
        template = make_template(Parameters=PARAMETERS, **resources, Key="AWS::KMS::Key", **more)
        return Side(template, parameters, {"Owner": parameters["Read"]}, "111111111111", "x")

    return make


def details(before: Side | None, after: Side, *told: PropertyChange) -> list[PropertyChange]:
    change = Change("Modify", "Table", TABLE, "False", details=told)
    (done,) = completed([change], before, after)
    return list(done.details)


def test_every_part_gets_its_values_and_the_cause_that_it_mentions(side: Any) -> None:
    properties = {"Throughput": THROUGHPUT}
    before = side(properties, BEFORE)
    after = side(properties, {"Read": "10", "Write": "6", "Pin": "1234"})
    found = details(before, after, *caused("Throughput", "Read", "Write"))
    told = {(d.path, d.kind, d.before, d.after, d.cause) for d in found if d.has_values}
    path = "/Properties/Throughput"
    assert told == {
        (f"{path}/ReadCapacityUnits", "Modify", "5", "10", "Read"),
        (f"{path}/WriteCapacityUnits", "Modify", "5", "6", "Write"),
    }
    assert [d.source for d in found if not d.has_values] == ["DirectModification"]


def test_a_change_of_the_template_itself(side: Any) -> None:
    before = side({"Name": "a", "Old": True, "List": [1]}, BEFORE)
    after = side({"Name": "b", "New": {"A": 1}, "List": [1, 2]}, BEFORE)
    names = [detail for name in ("Name", "Old", "New", "List") for detail in caused(name)]
    assert {(d.path, d.kind, d.before, d.after) for d in details(before, after, *names)} == {
        ("/Properties/Name", "Modify", "a", "b"),
        ("/Properties/Old", "Remove", "true", None),
        ("/Properties/New", "Add", None, '{"A": 1}'),
        ("/Properties/List/1", "Add", None, "2"),
    }


def test_stack_tags_and_attributes_have_values_too(side: Any) -> None:
    before = side({}, BEFORE, table={"DeletionPolicy": "Delete"})
    after = side({}, {**BEFORE, "Read": "7"}, table={"DeletionPolicy": "Retain"})
    told = PropertyChange(attribute="Tags"), PropertyChange(attribute="DeletionPolicy")
    assert {(d.path, d.before, d.after) for d in details(before, after, *told)} == {
        ("/Tags/Owner", "5", "7"),
        ("/DeletionPolicy", "Delete", "Retain"),
    }


def test_a_difference_without_a_cause_of_its_own_has_all_causes(side: Any) -> None:
    before, after = side({"Name": "a"}, BEFORE), side({"Name": "b"}, BEFORE)
    found = details(before, after, *caused("Name", "Read", "Write"))
    assert [(d.cause, d.before, d.after) for d in found] == [
        ("Read", "a", "b"),
        ("Write", "a", "b"),
        ("", None, None),
    ]


IS_BUSY = {"Busy": {"Fn::Equals": [{"Ref": "Read"}, "10"]}}
BUSY = {"Name": {"Fn::If": ["Busy", "much", "little"]}}


def test_a_parameter_that_switches_a_branch_is_the_cause_not_the_template(side: Any) -> None:
    before = side(BUSY, BEFORE, Conditions=IS_BUSY)
    after = side(BUSY, {**BEFORE, "Read": "10", "Write": "6"}, Conditions=IS_BUSY)
    switched, direct = details(before, after, *caused("Name"))
    assert (switched.source, switched.cause) == ("ParameterReference", "Read")
    assert (switched.before, switched.after) == ("little", "much")
    assert not direct.has_values


@pytest.mark.parametrize(
    ("properties", "conditions"),
    [
        ({"Name": {"Fn::If": ["Busy", "very much", "little"]}}, IS_BUSY),
        (BUSY, {"Busy": {"Fn::Equals": [{"Ref": "Read"}, 10]}}),
    ],
)
def test_where_the_template_differs_as_well_it_is_the_cause(
    side: Any, properties: dict[str, Any], conditions: dict[str, Any]
) -> None:
    before = side(BUSY, BEFORE, Conditions=IS_BUSY)
    after = side(properties, {**BEFORE, "Read": "10"}, Conditions=conditions)
    (shown,) = details(before, after, *caused("Name"))
    assert (shown.source, shown.cause) == ("DirectModification", "")


def test_a_cause_is_the_resource_that_an_attribute_belongs_to(side: Any) -> None:
    before = side({"SSE": {"Fn::Sub": "a ${Key.Arn}"}}, BEFORE)
    after = side({"SSE": {"Fn::Sub": "b ${Key.Arn}"}}, BEFORE)
    told = [PropertyChange(name="SSE", cause=cause) for cause in ("Read", "Key.Arn")]
    found = details(before, after, *told)
    assert [(d.cause, d.before) for d in found] == [
        ("Key.Arn", "{a {Key.Arn}}"),
        ("Read", None),
    ]


def test_a_cause_that_is_no_resource_makes_nothing_unknown(side: Any) -> None:
    same = side({"Name": {"Ref": "Read"}}, BEFORE)
    (shown,) = details(same, same, PropertyChange(name="Name", cause="Read"))
    assert not shown.has_values


def test_a_change_without_a_name_is_of_all_properties(side: Any) -> None:
    before, after = side({"Name": "a", "": "x"}, BEFORE), side({"Name": "b", "": "x"}, BEFORE)
    (shown,) = details(before, after, PropertyChange())
    assert (shown.path, shown.before, shown.after) == ("/Properties/Name", "a", "b")


def test_where_aws_tells_some_values_of_a_property_none_is_computed(side: Any) -> None:
    told = PropertyChange("/Properties/Name", name="Name", before="1", after="2")
    untold = PropertyChange(name="Name", cause="Read")
    before, after = side({"Name": "a"}, BEFORE), side({"Name": "b"}, BEFORE)
    assert details(before, after, told, untold) == [told, untold]


def test_a_secret_is_not_even_put_into_the_resources(side: Any) -> None:
    found = side({"Code": {"Fn::Sub": "x${Pin}"}}, {**BEFORE, "Pin": "1234"}).resources
    assert found["Table"]["Properties"] == {"Code": f"x{MASK}"}


def test_a_secret_never_comes_out(side: Any) -> None:
    properties = {"Code": {"Fn::Sub": "x${Pin}"}}
    before, after = side(properties, BEFORE), side(properties, {**BEFORE, "Pin": "1234"})
    found = details(before, after, *caused("Code", "Pin"))
    assert {(d.before, d.after) for d in found} == {(None, None), (MASK, MASK)}
    told = PropertyChange("/Properties/Code", name="Code", before="x1", after="x1234")
    (shown,) = details(before, after, told)
    assert (shown.before, shown.after) == (MASK, MASK)


def test_what_only_the_deployment_makes_known(side: Any) -> None:
    key = PropertyChange(name="SSE", source="ResourceAttribute", cause="Key.Arn")
    declared = {"SSE": {"Fn::GetAtt": ["Key", "Arn"]}}
    same = details(side(declared, BEFORE), side(declared, BEFORE), key)
    assert [(d.before, d.after) for d in same] == [(None, KNOWN_AFTER_APPLY)]
    new = details(side({"SSE": "a"}, BEFORE), side(declared, BEFORE), key)
    assert [(d.before, d.after) for d in new] == [("a", KNOWN_AFTER_APPLY)]


def test_what_aws_tells_is_left_as_it_is(side: Any) -> None:
    told = PropertyChange("/Properties/Name", name="Name", before="1", after="2")
    before, after = side({"Name": "a"}, BEFORE), side({"Name": "b"}, BEFORE)
    assert details(before, after, told) == [told]


def test_a_stack_that_is_made_has_no_before(side: Any) -> None:
    told = PropertyChange(name="Password", after="x")
    (shown,) = details(None, side({}, BEFORE), told)
    assert shown.after == MASK
    untold = PropertyChange(name="Name")
    assert details(None, side({"Name": "a"}, BEFORE), untold) == [untold]


def test_a_foreign_template_yields_no_values(side: Any) -> None:
    foreign = side({"Name": {"Fn::If": ["NoSuch", "a", "b"]}}, BEFORE)
    assert foreign.resources == {}
    (shown,) = details(foreign, foreign, PropertyChange(name="Name"))
    assert not shown.has_values


@pytest.mark.parametrize("text", ["Resources: {}", "[]", "{}", '{"Resources": []}'])
def test_a_template_that_cannot_be_read_is_no_side(make_stack: Any, text: str) -> None:
    assert deployed_side(make_stack(), text, {}, {}) is None


def test_the_deployed_side(make_stack: Any) -> None:
    stack = make_stack()
    found = deployed_side(stack, stack.template.text, {"A": "1"}, {"T": "2"})
    assert found == Side(stack.template, {"A": "1"}, {"T": "2"}, "111111111111", "eu-west-1")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (ABSENT, None),
        ("a", "a"),
        (True, "true"),
        (Unknown("Key.Arn"), "{Key.Arn}"),
        ({"b": Unknown("X"), "a": [1]}, '{"a": [1], "b": "{X}"}'),
    ],
)
def test_values_as_text(value: Any, text: str | None) -> None:
    assert value_text(value) == text
