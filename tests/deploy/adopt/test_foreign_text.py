"""Templates of somebody else are read, and added to where AWS lets one see what becomes of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tapgen.deploy.adopt.foreign_text import as_json, extensible
from tapgen.errors import TapgenError

if TYPE_CHECKING:
    from tests.small_stacks import MakeStack


def test_yaml_becomes_json_and_json_stays_as_it_is(make_stack: MakeStack) -> None:
    text = as_json("Resources:\n  Note: {Type: A, Properties: {Name: !Sub 'x-${Y}'}}\n")
    note = {"Type": "A", "Properties": {"Name": {"Fn::Sub": "x-${Y}"}}}
    assert json.loads(text) == {"Resources": {"Note": note}}
    for same in ('{"Resources":   {}}', "a: ["):
        assert as_json(same) == same
    assert extensible(make_stack(), text, ["Table"]) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"Transform": "AWS::Serverless-2016-10-31", "Resources": {}}', "it has a Transform"),
        ("a: [", "it cannot be read"),
    ],
)
def test_what_aws_makes_of_it_only_afterwards_is_not_added_to(
    make_stack: MakeStack, text: str, why: str
) -> None:
    told = f"the template of stack payments-dev-data cannot take over Table, Queue: {why}"
    with pytest.raises(TapgenError, match=told) as raised:
        extensible(make_stack(), text, ["Table", "Queue"])
    assert raised.value.hint.startswith("Remove Table, Queue from the layer data and repeat")
