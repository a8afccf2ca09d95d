from __future__ import annotations

import json
from typing import Any

import pytest

from tapgen.model.changes.change import Change, PropertyChange, losses, may_change
from tapgen.model.templates.template import Template

TABLE, TOPIC = "AWS::DynamoDB::Table", "AWS::SNS::Topic"
SECRET = "AWS::SecretsManager::Secret"
NOTHING = Template("layer", '{"Resources": {}}')


@pytest.mark.parametrize(
    ("action", "replacement", "replaces", "loses"),
    [
        ("Add", "", False, False),
        ("Import", "", False, False),
        ("Modify", "False", False, False),
        ("Modify", "True", True, True),
        ("Modify", "Conditional", True, True),
        ("Remove", "", False, True),
    ],
)
def test_what_a_change_costs(action: str, replacement: str, replaces: bool, loses: bool) -> None:
    change = Change(action, "Table", TABLE, replacement)
    assert (change.replaces, change.loses) == (replaces, loses)
    assert losses([change], NOTHING) == ((change,) if loses else ())


def of_database(*recreation: tuple[str, str]) -> Change:
    details = tuple(PropertyChange(name=name, recreation=how) for name, how in recreation)
    return Change("Modify", "Database", "AWS::RDS::DBInstance", "Conditional", details=details)


@pytest.mark.parametrize(
    ("recreation", "replaces"),
    [
        ([("BackupRetentionPeriod", "Conditionally")], False),
        ([("BackupRetentionPeriod", "Conditionally"), ("AllocatedStorage", "Never")], False),
        ([("BackupRetentionPeriod", "Conditionally"), ("Engine", "Conditionally")], True),
        ([("MultiAZ", "Conditionally"), ("KmsKeyId", "Always")], True),
        ([("AllocatedStorage", "Never")], True),
        ([], True),
    ],
)
def test_what_aws_calls_conditional_is_no_loss_where_it_is_known_to_be_none(
    recreation: list[tuple[str, str]], replaces: bool
) -> None:
    change = of_database(*recreation)
    assert change.replaces is replaces
    assert losses([change], NOTHING) == ((change,) if replaces else ())


def test_only_what_holds_data_can_be_lost() -> None:
    assert losses([Change("Remove", "Topic", TOPIC)], NOTHING) == ()


@pytest.mark.parametrize(
    ("type_", "properties", "metadata", "lost"),
    [
        (SECRET, {"GenerateSecretString": {}}, {"Regenerable": "because"}, False),
        (SECRET, {"GenerateSecretString": {}}, {}, True),
        (SECRET, {"SecretString": "given"}, {"Regenerable": "because"}, True),
        (TABLE, {}, {"Regenerable": "because"}, True),
    ],
)
def test_a_generated_secret_that_is_marked_is_no_loss(
    type_: str, properties: dict[str, Any], metadata: dict[str, str], lost: bool
) -> None:
    resource = {"Type": type_, "Properties": properties, "Metadata": {"tapgen": metadata}}
    template = Template("layer", json.dumps({"Resources": {"It": resource}}))
    change = Change("Modify", "It", type_, "True")
    assert losses([change], template) == ((change,) if lost else ())
    assert template.stateful == ({"It"} if lost else set())


def caused(by: str) -> tuple[PropertyChange, ...]:
    return (PropertyChange(name="X", source="ParameterReference", cause=by),)


def test_properties_and_causes_are_those_of_the_details() -> None:
    tags = PropertyChange(attribute="Tags")
    details = (*caused("Size"), tags, *caused("Mode"), tags)
    change = Change("Modify", "Table", TABLE, "False", details=details)
    assert change.properties == ("X", "Tags")
    assert change.causes == ("Size", "Mode")


OUTPUTS = {
    "Arn": {"Value": {"Fn::GetAtt": ["Table", "Arn"]}},
    "Sized": {"Value": {"Ref": "Size"}},
    "Recorded": {"Value": {"Fn::If": ["IsReally", "yes", "no"]}},
    "Fixed": {"Value": "1"},
}
CONDITIONS = {
    "IsOn": {"Fn::Equals": [{"Ref": "Mode"}, "on"]},
    "IsReally": {"Fn::Not": [{"Condition": "IsOn"}]},
}


@pytest.mark.parametrize(
    ("output", "change", "expected"),
    [
        ("Arn", Change("Modify", "Table", TABLE, "False"), False),
        ("Arn", Change("Modify", "Table", TABLE, "Conditional"), True),
        ("Arn", Change("Add", "Table", TABLE), True),
        ("Arn", Change("Import", "Table", TABLE), True),
        ("Arn", Change("Remove", "Table", TABLE), True),
        ("Arn", Change("Remove", "Topic", TOPIC), False),
        ("Sized", Change("Modify", "Topic", TOPIC, "False", details=caused("Size")), True),
        ("Sized", Change("Modify", "Topic", TOPIC, "False", details=caused("Mode")), False),
        ("Recorded", Change("Modify", "Topic", TOPIC, "False", details=caused("Mode")), True),
        ("Recorded", Change("Add", "Topic", TOPIC), True),  # the condition has become true
        ("Recorded", Change("Modify", "Topic", TOPIC, "False"), False),
        ("Recorded", Change("Add", "Other", TOPIC), False),
        ("Fixed", Change("Remove", "Table", TABLE, details=caused("Size")), False),
        ("Missing", Change("Modify", "Topic", TOPIC, "False"), True),  # to be added by the update
    ],
)
def test_whether_an_output_may_become_another(
    make_template: Any, output: str, change: Change, expected: bool
) -> None:
    template = make_template(
        Parameters={"Size": {"Type": "Number"}, "Mode": {"Type": "String"}},
        Conditions=CONDITIONS,
        Outputs=OUTPUTS,
        Table=TABLE,
        Topic={"Type": TOPIC, "Condition": "IsReally"},
    )
    assert may_change(template, output, [change]) is expected


@pytest.mark.parametrize(("changed", "expected"), [("Size", True), ("Mode", False)])
def test_a_parameter_with_another_value_changes_an_output_that_mentions_it(
    make_template: Any, changed: str, expected: bool
) -> None:
    template = make_template(
        Parameters={"Size": {"Type": "Number"}, "Mode": {"Type": "String"}},
        Conditions=CONDITIONS,
        Outputs=OUTPUTS,
        Table=TABLE,
    )
    assert may_change(template, "Sized", [], {changed}) is expected


def test_without_changes_every_known_output_stays(make_template: Any) -> None:
    assert not may_change(make_template(Outputs=OUTPUTS, Table=TABLE), "Arn", [])
