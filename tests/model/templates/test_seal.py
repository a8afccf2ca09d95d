"""The seal: one digest for one template and policy, in an output of its own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.errors import TapgenError
from tapgen.model.templates.json_text import pretty
from tapgen.model.templates.seal import OUTPUT, parted, sealable, sealed
from tapgen.model.templates.stack_policy import NO_POLICY, stack_policy
from tapgen.model.templates.template import Template
from tapgen.payments.layers.registry import LAYERS
from tapgen.render.sources.drafts import build

DOCUMENT: dict[str, Any] = {
    "Conditions": {"Is": {"Fn::Equals": ["0" * 16, "A stack."]}},
    "Description": "A stack.",
    "Outputs": {"Id": {"Description": "A stack.", "Value": "x" * 80}},
    "Resources": {"Note": {"Type": "AWS::SSM::Parameter"}},
}


def sealed_document(document: dict[str, Any], policy: dict[str, Any] = NO_POLICY) -> dict[str, Any]:
    text, _ = sealed(pretty(sealable("sample", document)), policy)
    found: dict[str, Any] = json.loads(text)
    return found


def digest(document: dict[str, Any], policy: dict[str, Any] = NO_POLICY) -> str:
    return sealed(pretty(sealable("sample", document)), policy)[1]


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_every_layer_has_one(layer: Any) -> None:
    template = build(layer)
    read = Template(layer.name, template.text)
    assert len(template.seal) == 16
    assert (read.document, read.seal) == (template.document, template.seal)
    assert OUTPUT not in template.outputs


def test_nothing_else_is_touched() -> None:
    found = sealed_document(DOCUMENT)
    assert found["Outputs"][OUTPUT]["Value"] == digest(DOCUMENT)
    assert {**found, "Outputs": DOCUMENT["Outputs"]} == DOCUMENT
    assert parted(found) == (DOCUMENT, digest(DOCUMENT))


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
    policy = {"A": 1, "B": 2}
    assert digest(DOCUMENT, policy) == digest(DOCUMENT, dict(reversed(policy.items())))


NAMES = st.text(max_size=10).filter(lambda name: name != OUTPUT)


@given(st.text(max_size=40), st.dictionaries(NAMES, st.text(max_size=90)))
def test_any_template_can_be_sealed(text: str, outputs: dict[str, str]) -> None:
    given = {name: {"Description": text, "Value": value} for name, value in outputs.items()}
    document = {**DOCUMENT, "Description": f'"{OUTPUT}": {text}', "Outputs": given}
    found = sealed_document(document)
    without = {name: part for name, part in document.items() if part}
    assert parted(found) == (without, digest(document))


@pytest.mark.parametrize("output", ["", {"Value": "0123456789abcdef"}, None])
def test_no_layer_has_an_output_of_that_name(output: Any) -> None:
    with pytest.raises(TapgenError) as caught:
        sealable("sample", {**DOCUMENT, "Outputs": {OUTPUT: output}})
    assert caught.value.message == (
        "layer sample: the output TapgenSeal is reserved: tapgen adds one to every template"
    )
    assert caught.value.hint == "Rename it in sample.py, the layer's builder."


@pytest.mark.parametrize(
    "outputs",
    [None, {}, [], {OUTPUT: "0123456789abcdef"}, {OUTPUT: {"Value": {"Ref": "A"}}}]
    + [{OUTPUT: {"Value": value}} for value in ("", "0123456789ABCDEF", "0123456789abcdef0")],
)
def test_what_has_no_seal_has_none_and_keeps_what_it_has(outputs: Any) -> None:
    document = {"Outputs": outputs}
    assert parted(document) == (document, "")


def test_what_is_no_template_has_no_seal() -> None:
    assert parted({}) == ({}, "")
    no_template: Any = ["a"]
    assert parted(no_template) == (no_template, "")
