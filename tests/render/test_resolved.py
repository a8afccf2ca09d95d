"""What scanners read: an environment's values put in, references between resources left."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tapgen.errors import TapgenError
from tapgen.model.layer import OutputRef
from tapgen.render.rendering import Rendered
from tapgen.render.resolved import resolved_resources, resolved_template, write_resolved

PARAMETERS = {
    "Days": {"Type": "Number"},
    "On": {"Type": "String", "AllowedValues": ["true", "false"]},
    "Name": {"Type": "String"},
    "Zones": {"Type": "CommaDelimitedList"},
    "KeyArn": {"Type": "String", "AllowedPattern": "arn:aws:kms:.*"},
}
VALUES = {"Days": "7", "On": "true", "Name": "payments", "Zones": "a,b"}
CONDITIONS = {
    "IsOn": {"Fn::Equals": [{"Ref": "On"}, "true"]},
    "IsOff": {"Fn::Not": [{"Condition": "IsOn"}]},
}


@pytest.fixture
def resolved(make_template: Any, make_stack: Any) -> Any:
    def resolve(**resources: Any) -> dict[str, Any]:
        of = make_template(Parameters=PARAMETERS, Conditions=CONDITIONS, **resources)
        inputs = {"KeyArn": OutputRef("data", "KeyArn")}
        return resolved_template(make_stack(template=of, parameters=VALUES, inputs=inputs))

    return resolve


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ({"Ref": "Days"}, 7),
        ({"Ref": "On"}, True),
        ({"Ref": "Name"}, "payments"),
        ({"Ref": "Zones"}, ["a", "b"]),
        ({"Ref": "AWS::Region"}, "eu-west-1"),
        ({"Ref": "Topic"}, {"Ref": "Topic"}),
        ({"Fn::GetAtt": ["Topic", "Arn"]}, {"Fn::GetAtt": ["Topic", "Arn"]}),
        ({"Fn::Sub": "${Name}-${Days}"}, "payments-7"),
        (
            {"Fn::Sub": "${Name}-${Topic}-${Topic.Arn}"},
            {"Fn::Sub": "payments-${Topic}-${Topic.Arn}"},
        ),
        ({"Fn::Sub": "${!Name}-${Topic}"}, {"Fn::Sub": "${!Name}-${Topic}"}),
        (
            {"Fn::Sub": ["${A}-${B}", {"A": {"Ref": "Name"}, "B": {"Ref": "Topic"}}]},
            {"Fn::Sub": ["payments-${B}", {"B": {"Ref": "Topic"}}]},
        ),
        ({"Fn::Join": ["/", [{"Ref": "Name"}, "x"]]}, "payments/x"),
        (
            {"Fn::Join": ["/", [{"Ref": "Name"}, {"Ref": "Topic"}]]},
            {"Fn::Join": ["/", ["payments", {"Ref": "Topic"}]]},
        ),
        ({"Fn::Base64": {"Ref": "Name"}}, {"Fn::Base64": "payments"}),
        ({"Fn::Base64": {"Ref": "Topic"}}, {"Fn::Base64": {"Ref": "Topic"}}),
        ({"Fn::ToJsonString": [{"Ref": "Topic"}]}, {"Fn::ToJsonString": [{"Ref": "Topic"}]}),
        ({"Fn::If": ["IsOn", {"Ref": "Days"}, 1]}, 7),
        ({"Fn::If": ["IsOff", 1, {"Ref": "Topic"}]}, {"Ref": "Topic"}),
        (
            [1, {"Fn::If": ["IsOff", 1, {"Ref": "AWS::NoValue"}]}, {"a": {"Ref": "Days"}}],
            [1, {"a": 7}],
        ),
        (
            {"Fn::Select": [0, {"Fn::GetAZs": ""}]},
            {"Fn::Select": [0, {"Fn::GetAZs": ""}]},
        ),
        (
            {"Fn::Split": [",", {"Fn::Sub": ["${A}", {"A": {"Ref": "Topic"}}]}]},
            {"Fn::Split": [",", {"Fn::Sub": ["${A}", {"A": {"Ref": "Topic"}}]}]},
        ),
    ],
)
def test_what_can_be_known_is_put_in(resolved: Any, expression: Any, value: Any) -> None:
    gone = {"Fn::If": ["IsOff", 1, {"Ref": "AWS::NoValue"}]}
    properties = {"It": expression, "Gone": gone}
    document = resolved(Topic={"Type": "T", "Properties": properties})
    assert document["Resources"]["Topic"] == {"Type": "T", "Properties": {"It": value}}


def test_inputs_have_plausible_values(resolved: Any) -> None:
    document = resolved(Topic={"Type": "T", "Properties": {"Key": {"Ref": "KeyArn"}}})
    key = document["Resources"]["Topic"]["Properties"]["Key"]
    assert key.startswith("arn:aws:kms:eu-west-1:111111111111:key/")


def test_what_an_environment_does_not_have_is_gone_with_all_that_names_it(resolved: Any) -> None:
    document = resolved(
        A={"Type": "T", "Condition": "IsOff"},
        B={"Type": "T", "Condition": "IsOn", "DependsOn": ["A", "C"], "Metadata": {"a": 1}},
        C={"Type": "T", "DependsOn": "A"},
        Outputs={
            "Kept": {"Condition": "IsOn", "Value": {"Ref": "Days"}},
            "Left": {"Condition": "IsOff", "Value": {"Ref": "A"}},
        },
    )
    assert document == {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {"B": {"Type": "T", "DependsOn": ["C"]}, "C": {"Type": "T"}},
        "Outputs": {"Kept": {"Value": 7}},
    }


def test_no_parameter_is_left_in_any_shipped_stack(rendered: Rendered) -> None:
    for stacks in rendered.stacks.values():
        for stack in stacks:
            text = json.dumps(resolved_template(stack))
            for name in stack.template.parameters:
                assert f'{{"Ref": "{name}"}}' not in text, (stack.layer, name)
                assert f"${{{name}}}" not in text, (stack.layer, name)
            assert "Fn::If" not in text
            assert "AWS::NoValue" not in text


def test_one_file_a_stack_and_nothing_else_in_the_folder(
    rendered: Rendered, tmp_path: Path
) -> None:
    folder = tmp_path / "scanned"
    write_resolved(rendered, folder)
    write_resolved(rendered, folder)
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*.json")}
    wanted = {f"{name}/{s.layer}.json" for name, all_ in rendered.stacks.items() for s in all_}
    assert files == wanted
    text = (folder / "dev" / "data.json").read_text()
    data = next(stack for stack in rendered.stacks["dev"] if stack.layer == "data")
    assert json.loads(text) == resolved_template(data)


def test_a_folder_that_holds_other_files_is_refused(rendered: Rendered, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(TapgenError, match=r"contains other files, for instance .*other\.json"):
        write_resolved(rendered, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["other.json"]


def test_resources_one_by_one_are_those_of_the_whole_template(rendered: Rendered) -> None:
    for stacks in rendered.stacks.values():
        for stack in stacks:
            whole = resolved_template(stack)["Resources"]
            found = {
                name: (kind, dict(properties))
                for name, kind, properties in resolved_resources(stack)
            }
            assert found == {
                name: (body["Type"], body.get("Properties", {})) for name, body in whole.items()
            }


def test_a_property_is_resolved_when_it_is_asked_for(make_template: Any, make_stack: Any) -> None:
    properties = {
        "Name": {"Ref": "AWS::Region"},
        "Gone": {"Ref": "AWS::NoValue"},
        "Odd": {"Ref": 1},
    }
    resource = {"Type": "AWS::SNS::Topic", "Properties": properties}
    (found,) = resolved_resources(make_stack(template=make_template(Topic=resource)))
    assert found.properties["Name"] == "eu-west-1"
    assert found.properties.get("Gone") is None
    assert len(found.properties) == len(properties) - 1
