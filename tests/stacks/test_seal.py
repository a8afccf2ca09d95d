"""The seal: one digest for one template and policy, on the template's own description only."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.layers.pretty import pretty
from tapgen.layers.registry import LAYERS
from tapgen.stacks.seal import seal, seal_of, sealed, unsealed
from tapgen.stacks.stack_policy import NO_POLICY, stack_policy
from tapgen.stacks.template import build

DOCUMENT: dict[str, Any] = {
    "Conditions": {"Is": {"Fn::Equals": ["Description", "A stack."]}},
    "Description": "A stack.",
    "Outputs": {"Id": {"Description": "A stack.", "Value": "x" * 80}},
    "Resources": {"Note": {"Type": "AWS::SSM::Parameter"}},
}


def sealed_document(document: dict[str, Any], policy: dict[str, Any] = NO_POLICY) -> dict[str, Any]:
    text = pretty(document)
    found: dict[str, Any] = json.loads(sealed(text, seal(text, policy)))
    return found


def digest(document: dict[str, Any], policy: dict[str, Any] = NO_POLICY) -> str:
    return seal_of(sealed_document(document, policy)["Description"])


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_every_layer_has_one(layer: Any) -> None:
    template = build(layer)
    assert len(seal_of(template.description)) == 16
    assert seal_of(str(unsealed(template.document)["Description"])) == ""


def test_nothing_but_the_description_is_touched() -> None:
    found = sealed_document(DOCUMENT)
    assert found["Description"] == f"A stack. [tapgen {digest(DOCUMENT)}]"
    assert unsealed(found) == DOCUMENT


@pytest.mark.parametrize(
    "other",
    [
        {"Description": "Another."},
        {"Outputs": {}},
        {"Conditions": {}},
        {"Resources": {"Note": {"Type": "AWS::SSM::Parameter", "Metadata": {"a": 1}}}},
    ],
)
def test_every_part_of_the_template_counts(other: dict[str, Any]) -> None:
    assert digest({**DOCUMENT, **other}) != digest(DOCUMENT)


def test_the_stack_policy_counts() -> None:
    assert digest(DOCUMENT, stack_policy(["Table"], protected=True)) != digest(DOCUMENT)
    assert stack_policy(["Table"], protected=False) == NO_POLICY


@given(st.text(max_size=40))
def test_any_description_can_be_sealed(description: str) -> None:
    document = {**DOCUMENT, "Description": description}
    found = sealed_document(document)
    assert unsealed(found) == document
    assert seal_of(found["Description"]) == digest(document)


@pytest.mark.parametrize("text", ["", "A stack.", "[tapgen 0123456789abcdef]", "A [tapgen x]"])
def test_what_has_no_seal_has_none(text: str) -> None:
    assert seal_of(text) == ""
