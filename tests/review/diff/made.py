"""Small stacks, and what differs between two sides of them."""

from __future__ import annotations

import json
from typing import Any

from tapgen.model.layer import OutputRef
from tapgen.model.stack import Stack
from tapgen.model.templates.template import Template
from tapgen.review.diff.causes import Context
from tapgen.review.diff.comparison import compare
from tapgen.review.diff.report import (
    EnvironmentDiff,
    ResourceChange,
)
from tapgen.review.diff.snapshot import Snapshot
from tapgen.settings.faults import Source

PLACE = Source("envs/prod.yaml", 3, 9)

CONTEXT = Context({"data.reads": PLACE, "flag": PLACE}, "templates_out/")


def make(layer: str = "data", /, **parts: Any) -> Snapshot:
    """A stack of the layer; `Resources` and other sections of the template, fields of the stack."""
    fields: dict[str, Any] = {
        "environment": "prod",
        "layer": layer,
        "name": f"pay-prod-{layer}",
        "account_id": "333333333333",
        "region": "us-east-1",
        "parameters": {},
        "inputs": {},
        "tags": {},
        "protected": True,
    }
    policy = parts.pop("policy", {})
    fields |= {name: parts.pop(name) for name in fields.keys() & parts.keys()}
    settings = parts.pop("Settings", {})
    document = {"Metadata": {"tapgen": {"Settings": settings}}, "Resources": {}, **parts}
    fields["inputs"] = {name: OutputRef.parsed(text) for name, text in fields["inputs"].items()}
    template = Template(layer, json.dumps(document, indent=1))
    return Snapshot(Stack(template=template, **fields), policy)


def resource(type_: str, /, **properties: Any) -> dict[str, Any]:
    return {"Type": type_, "Properties": properties}


def table(name: Any = "pay-transactions", key: str = "id", **more: Any) -> dict[str, Any]:
    return {
        **resource(
            "AWS::DynamoDB::Table",
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        ),
        **more,
    }


def diff(
    before: list[Snapshot], after: list[Snapshot], context: Context = CONTEXT
) -> EnvironmentDiff:
    old, new = ({each.stack.layer: each for each in side} for side in (before, after))
    return compare("prod", old, new, context)


def one(found: EnvironmentDiff) -> ResourceChange:
    (change,) = found.resources
    return change


def both(before: dict[str, Any], after: dict[str, Any], **shared: Any) -> EnvironmentDiff:
    return diff([make(Resources=before, **shared)], [make(Resources=after, **shared)])


def reading(parent: str) -> Snapshot:
    """A zone whose parent is a setting: a value, or an output ("staging.zone.Id")."""
    is_output = "." in parent
    return make(
        "zone",
        Settings={"Parent": "flag"},
        Parameters={"Parent": {"Type": "String"}},
        Conditions={"HasParent": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Parent"}, ""]}]}},
        Resources={
            "Record": {
                "Type": "AWS::Route53::RecordSet",
                "Condition": "HasParent",
                "Properties": {"HostedZoneId": {"Ref": "Parent"}, "Name": "a", "Type": "NS"},
            }
        },
        inputs={"Parent": parent} if is_output else {},
        parameters={} if is_output else {"Parent": parent},
    )
