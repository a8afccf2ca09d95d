"""Why something differs, and where that is written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tapgen.model.changes.differences import ABSENT
from tapgen.model.templates.intrinsics import Unknown
from tapgen.review.diff.effect import Effect
from tapgen.review.diff.report import (
    Cause,
)
from tests.review.diff.made import PLACE, both, diff, make, one, reading, resource, table


def test_a_setting_is_named_with_its_place() -> None:
    shared = {
        "Parameters": {"Reads": {"Type": "Number"}},
        "Settings": {"Reads": "data.reads"},
        "Resources": {
            "Table": table(ProvisionedThroughput=1)
            | resource("AWS::DynamoDB::Table", BillingMode={"Ref": "Reads"})
        },
    }
    before = make(parameters={"Reads": "5"}, **json.loads(json.dumps(shared)))
    found = diff([before], [make(parameters={"Reads": "7"}, **shared)])
    (cause,) = one(found).causes
    assert (cause.kind, cause.name, cause.place) == ("setting", "data.reads", PLACE)
    assert one(found).effect is Effect.IN_PLACE
    (parameter,) = found.layers[0].stack
    assert (parameter.what, parameter.name) == ("parameter", "Reads")
    assert (parameter.before, parameter.after) == ("5", "7")
    assert parameter.causes == (cause,)
    assert not found.layers[0].template_differs


def test_a_condition_adds_and_removes_because_of_its_setting() -> None:
    shared: dict[str, Any] = {
        "Parameters": {"Flag": {"Type": "String"}},
        "Conditions": {"IsFlag": {"Fn::Equals": [{"Ref": "Flag"}, "true"]}},
        "Settings": {"Flag": "flag"},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Condition": "IsFlag"}},
    }
    off, on = (make(parameters={"Flag": flag}, **shared.copy()) for flag in ("false", "true"))
    added, removed = one(diff([off], [on])), one(diff([on], [off]))
    assert (added.action, added.effect) == ("add", Effect.ADDITION)
    assert (removed.action, removed.effect) == ("remove", Effect.REMOVAL)
    assert [cause.name for cause in (*added.causes, *removed.causes)] == ["flag", "flag"]


def test_protection_that_a_creation_still_lacks_is_no_change_of_a_setting() -> None:
    shared: dict[str, Any] = {
        "Parameters": {"Settled": {"Type": "String"}},
        "Settings": {"Settled": "stack.settled"},
        "Resources": {"Table": resource("AWS::DynamoDB::Table", TableName={"Ref": "Settled"})},
    }
    left, meant = (make(parameters={"Settled": s}, **shared.copy()) for s in ("false", "true"))
    found = diff([left], [meant])
    assert [cause.kind for cause in one(found).causes] == ["creation"]
    assert found.layers[0].stack == ()


def test_a_parameter_without_a_setting_has_no_cause_to_name() -> None:
    (layer,) = diff([make(parameters={"P": "1"})], [make(parameters={"P": "2"})]).layers
    assert layer.stack[0].causes == ()


def test_a_condition_that_is_new_on_a_resource_is_a_line_of_the_template() -> None:
    topic = resource("AWS::SNS::Topic")
    conditions = {"No": {"Fn::Equals": ["a", "b"]}}
    found = one(both({"T": topic}, {"T": {**topic, "Condition": "No"}}, Conditions=conditions))
    assert found.action == "remove"
    assert str(found.causes[0].place) == "templates_out/data.json:8:3"


def test_another_condition_is_a_line_of_the_template() -> None:
    resources = {"Topic": {"Type": "AWS::SNS::Topic", "Condition": "Is"}}
    no, yes = ({"Is": {"Fn::Equals": [value, "a"]}} for value in ("b", "a"))
    found = one(
        diff(
            [make(Resources=resources, Conditions=no)], [make(Resources=resources, Conditions=yes)]
        )
    )
    assert [str(cause.place) for cause in found.causes] == ["templates_out/data.json:14:3"]


def test_another_mapping_is_a_line_of_the_template() -> None:
    resources = {
        "Topic": resource("AWS::SNS::Topic", DisplayName={"Fn::FindInMap": ["Map", "a", "b"]})
    }
    old, new = ({"Map": {"a": {"b": value}}} for value in ("x", "y"))
    found = one(
        diff([make(Resources=resources, Mappings=old)], [make(Resources=resources, Mappings=new)])
    )
    assert (found.properties[0].before, found.properties[0].after) == ("x", "y")
    assert [str(cause.place) for cause in found.causes] == ["templates_out/data.json:22:3"]


def test_an_added_resource_is_a_line_of_the_template() -> None:
    found = one(both({}, {"Topic": resource("AWS::SNS::Topic")}))
    assert str(found.causes[0].place) == "templates_out/data.json:8:3"


def test_parts_of_lists_and_tags_are_found_in_the_template() -> None:
    def topic(value: str, *items: Any) -> dict[str, Any]:
        tags = [{"Key": "A", "Value": "1"}, {"Key": "B", "Value": value}]
        return {"T": resource("AWS::SNS::Topic", Tags=tags, Subscription=[*items])}

    either = {"Fn::If": ["No", "x", {"Ref": "AWS::NoValue"}]}
    conditions = {"No": {"Fn::Equals": ["a", "b"]}}
    found = both(topic("2", either, "q"), topic("3", either, "r"), Conditions=conditions)
    places = {p.path: [str(c.place) for c in p.causes] for p in one(found).properties}
    assert places == {
        "Tags/B/Value": ["templates_out/data.json:18:7"],
        # Which member is meant is not known while one of them is a function: the list is.
        "Subscription/0": ["templates_out/data.json:21:5"],
    }


def test_a_property_that_is_gone_is_told_at_its_resource() -> None:
    found = one(
        both(
            {"T": resource("AWS::SNS::Topic", DisplayName="x")},
            {"T": resource("AWS::SNS::Topic")},
        )
    )
    assert found.properties[0].after is ABSENT
    assert str(found.causes[0].place) == "templates_out/data.json:8:3"


@pytest.mark.parametrize(
    ("before", "after", "values"),
    [
        ("Z1", "staging.zone.Id", ("Z1", Unknown("staging.zone.Id"))),
        ("qa.zone.Id", "staging.zone.Id", (Unknown("qa.zone.Id"), Unknown("staging.zone.Id"))),
    ],
)
def test_an_output_of_another_environment_is_named_and_its_setting_is_the_cause(
    before: str, after: str, values: tuple[Any, Any]
) -> None:
    found = diff([reading(before)], [reading(after)])
    change = one(found)
    assert (change.properties[0].before, change.properties[0].after) == values
    assert change.properties[0].causes == (Cause("setting", "flag", PLACE),)
    (layer,) = found.layers
    told = {part.what: (part.after, part.causes) for part in layer.stack}
    assert told["input"] == ("staging.zone.Id", (Cause("setting", "flag", PLACE),))
    assert diff([reading(after)], [reading(after)]).layers[0].kind == "same"
