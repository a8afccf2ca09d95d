"""Inputs have plausible values before anything is deployed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from tapgen.errors import TapgenError
from tapgen.model.layer import OutputRef, ParameterRef
from tapgen.model.templates.template import Template
from tapgen.payments import limits
from tapgen.payments.platform import PLATFORM
from tapgen.render.examples import input_values
from tapgen.render.rendering import Rendered
from tests.small_stacks import MakeStack


def template(parameters: Mapping[str, Any]) -> Template:
    return Template("data", json.dumps({"Parameters": parameters, "Resources": {}}))


def test_every_input_has_an_example_that_its_layer_takes(rendered: Rendered) -> None:
    taken = {layer.name: layer.inputs for layer in PLATFORM.layers}
    for one in rendered.stacks["prod"]:
        values = input_values(one)
        assert values.keys() == taken[one.layer].keys()
        for name, value in values.items():
            pattern = one.template.parameters[name].get("AllowedPattern", ".*")
            assert re.fullmatch(pattern, value)


def test_an_example_is_of_the_kind_that_the_name_tells(make_stack: MakeStack) -> None:
    declared = {"Type": "String", "AllowedPattern": limits.RESOURCE_NAME}
    host = {"Type": "String", "AllowedPattern": limits.HOST_NAME}
    arn = {"Type": "String", "AllowedPattern": limits.KMS_KEY_ARN}
    of = template({"ApiDomainName": host, "TableName": declared, "Unusual": arn})
    inputs = {name: OutputRef("x", name) for name in (*of.parameters, "NotDeclared")}
    assert input_values(make_stack(template=of, inputs=inputs)) == {
        "ApiDomainName": "host.example.com",
        "TableName": "example-name",
        "Unusual": "arn:aws:kms:eu-west-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    }


def test_the_platforms_examples_come_before_the_engines(make_stack: MakeStack) -> None:
    odd = {"Type": "String", "AllowedPattern": "^#[a-z0-9:{}-]+$"}
    of = template({"Channel": odd, "TableName": {"Type": "String"}, "OtherName": odd})
    taking = make_stack(
        template=of,
        inputs={name: OutputRef("x", name) for name in of.parameters},
        examples={"Channel": "#{region}:{account}:{}", "Name": "a-name"},
    )
    channel = "#eu-west-1:111111111111:{}"
    assert input_values(taking) == {
        "Channel": channel,
        "OtherName": channel,  # what its own ending offers does not match
        "TableName": "a-name",
    }


def test_one_of_few_values_is_an_example(make_stack: MakeStack) -> None:
    of = template({"Size": {"Type": "String", "AllowedValues": ["small", "large"]}})
    taking = make_stack(template=of, inputs={"Size": ParameterRef("/shared/size")})
    assert input_values(taking) == {"Size": "small"}


def test_a_pattern_without_an_example_says_where_to_add_one(make_stack: MakeStack) -> None:
    of = template({"Odd": {"Type": "String", "AllowedPattern": "^%$"}})
    with pytest.raises(TapgenError, match=r"data\.Odd: no example matches") as raised:
        input_values(make_stack(template=of, inputs={"Odd": OutputRef("x", "Odd")}))
    assert 'examples={"Odd": ...}' in raised.value.hint
