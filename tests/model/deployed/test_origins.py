"""From a reason to the property, and from there to the setting."""

from __future__ import annotations

import json

import pytest

from tapgen.model.deployed.origins import UNKNOWN, Origin, origin
from tapgen.model.layer import OutputRef
from tapgen.model.stack import Stack
from tapgen.model.templates.template import Template

DOCUMENT = {
    "Metadata": {"tapgen": {"Settings": {"Capacity": "data.read_capacity", "Size": "data.size"}}},
    "Parameters": {
        name: {"Type": "String"} for name in ("Capacity", "Size", "KeyArn", "Silent", "Empty")
    },
    "Resources": {
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": "payments",
                "ProvisionedThroughput": {"ReadCapacityUnits": {"Ref": "Capacity"}},
                "Indexes": [{"Name": "x", "SizeMax": {"Ref": "Size"}}],
                "KeyId": {"Ref": "KeyArn"},
                "Quiet": {"Ref": "Silent"},
                "Nothing": {"Ref": "Empty"},
            },
        },
        "Bare": {"Type": "AWS::SQS::Queue"},
    },
}
STACK = Stack(
    environment="dev",
    layer="data",
    name="payments-dev-data",
    account_id="111111111111",
    region="us-east-1",
    template=Template("data", json.dumps(DOCUMENT)),
    parameters={"Capacity": "5000", "Size": "7", "Silent": "hush", "Empty": ""},
    inputs={"KeyArn": OutputRef("security", "KeyArn")},
    tags={},
    protected=False,
)


@pytest.mark.parametrize(
    ("reason", "path", "expected"),
    [
        (
            "Value for ReadCapacityUnits is too high",
            "",
            Origin("ProvisionedThroughput.ReadCapacityUnits", "data.read_capacity"),
        ),
        ("SizeMax is too small", "", Origin("Indexes.SizeMax", "data.size")),
        ("Invalid KeyId: no such key", "", Origin("KeyId", source="security.KeyArn")),
        ("5000 exceeds the limit of 4000", "", Origin("", "data.read_capacity")),
        ("TableName is taken", "", Origin("TableName")),
        ("Quiet is hush", "", Origin("Quiet")),
        (
            "no",
            "/Resources/Table/Properties/ProvisionedThroughput/ReadCapacityUnits",
            Origin("ProvisionedThroughput.ReadCapacityUnits", "data.read_capacity"),
        ),
        ("taken", "/Resources/Table", UNKNOWN),
        ("It broke", "", UNKNOWN),
    ],
)
def test_what_a_failure_comes_from(reason: str, path: str, expected: Origin) -> None:
    assert origin(STACK, "Table", reason, path) == expected


@pytest.mark.parametrize("logical_id", ["Bare", "payments-dev-data"])
def test_resources_without_properties_and_the_stack_itself_have_no_origin(logical_id: str) -> None:
    assert origin(STACK, logical_id, "5000 exceeds it") == UNKNOWN
