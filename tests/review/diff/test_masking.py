"""Secrets are compared like every other value, and never shown."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tapgen.model.stack import Stack
from tapgen.model.templates.template import Template
from tapgen.review.diff.causes import Context
from tapgen.review.diff.comparison import compare
from tapgen.review.diff.report import EnvironmentDiff, LayerDiff
from tapgen.review.diff.snapshot import snapshot

CONTEXT = Context({}, "templates_out/")
FUNCTION = {
    "Type": "AWS::Lambda::Function",
    "Properties": {
        "MemorySize": {"Ref": "Pin"},
        "Environment": {"Variables": {"LOGIN": {"Fn::Sub": "me:${Password}@db"}}},
        "Layers": [{"Ref": "Password"}],
        "Handler": {"Ref": "Handler"},
    },
}


def stack(**parameters: str) -> Stack:
    declared: dict[str, Any] = {name: {"Type": "String"} for name in ("Password", "Handler")}
    declared["Pin"] = {"Type": "Number", "NoEcho": True}
    document = {
        "Metadata": {"tapgen": {"Settings": {}}},
        "Parameters": declared,
        "Resources": {"Function": FUNCTION},
        "Outputs": {"Login": {"Value": {"Ref": "Password"}}},
    }
    given = {"Password": "correct horse", "Pin": "123", "Handler": "main.123", **parameters}
    template = Template("api", json.dumps(document))
    return Stack(
        environment="dev",
        layer="api",
        name="pay-dev-api",
        account_id="1" * 12,
        region="us-east-1",
        template=template,
        parameters=given,
        inputs={},
        tags={},
        protected=False,
    )


def compared(before: Stack, after: Stack) -> EnvironmentDiff:
    old, new = ({"api": snapshot(one)} for one in (before, after))
    return compare("dev", old, new, CONTEXT)


def test_a_changed_secret_is_told_without_its_values() -> None:
    found = compared(stack(), stack(Password="battery staple", Pin="987"))
    assert {change.name for change in found.layers[0].stack} == {"Password", "Pin"}
    (change,) = found.resources
    assert {one.path: (one.before, one.after) for one in change.properties} == {
        "MemorySize": ("****", "****"),
        "Environment/Variables/LOGIN": ("me:****@db", "me:****@db"),
        "Layers/0": ("****", "****"),
    }
    (output,) = found.layers[0].outputs
    assert (output.before, output.after) == ("****", "****")


@pytest.mark.parametrize("secret", ["correct horse", "battery staple", "987"])
def test_no_secret_is_anywhere_in_the_result(secret: str) -> None:
    found = compared(stack(), stack(Password="battery staple", Pin="987", Handler="main.other"))
    assert secret not in repr(found)


def test_what_only_looks_like_a_short_secret_stays() -> None:
    (change,) = compared(stack(), stack(Handler="main.other")).resources
    (one,) = change.properties
    assert (one.before, one.after) == ("main.123", "main.other")


def test_a_new_list_or_mapping_is_masked_inside() -> None:
    before = stack()
    document = json.loads(before.template.text)
    properties = document["Resources"]["Function"]["Properties"]
    del properties["Layers"], properties["Environment"]
    bare = replace(before, template=Template("api", json.dumps(document)))
    (change,) = compared(bare, before).resources
    assert {one.path: one.after for one in change.properties} == {
        "Layers": ["****"],
        "Environment": {"Variables": {"LOGIN": "me:****@db"}},
    }


def test_without_secrets_nothing_is_touched() -> None:
    document = {"Metadata": {"tapgen": {"Settings": {}}}, "Resources": {"Function": FUNCTION}}
    plain = replace(stack(), template=Template("api", json.dumps(document)), parameters={})
    assert compared(plain, plain).layers == (LayerDiff("api", "same"),)
