from __future__ import annotations

import sys
from hashlib import sha256
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.errors import TapgenError
from tapgen.model.layer import Layer, OutputRef
from tapgen.model.templates.template import MAX_TEMPLATE_BODY_BYTES, Template, dense
from tapgen.render.blueprint import Blueprint
from tapgen.render.sources.drafts import build


def test_the_hash_is_that_of_the_utf8_bytes() -> None:
    assert Template("x", '"é"').sha256 == sha256(b'"\xc3\xa9"').hexdigest()


@given(st.text(), st.text())
def test_templates_have_equal_hashes_exactly_when_their_texts_are_equal(a: str, b: str) -> None:
    assert (Template("x", a).sha256 == Template("x", b).sha256) is (a == b)


def test_a_template_without_parameters_and_outputs_has_none() -> None:
    template = Template("x", '{"Resources": {}}')
    assert (template.parameters, template.outputs, template.resources) == ({}, {}, {})


def test_sections_are_read_from_the_text(make_template: Any) -> None:
    template = make_template(
        Settings={"Size": "data.read_capacity"},
        Parameters={"Size": {"Type": "Number"}},
        Outputs={"Arn": {"Value": "x"}},
        Topic="AWS::SNS::Topic",
    )
    assert template.settings == {"Size": "data.read_capacity"}
    assert template.parameters == {"Size": {"Type": "Number"}}
    assert template.outputs == {"Arn": {"Value": "x"}}
    assert template.resources == {"Topic": {"Type": "AWS::SNS::Topic"}}


@pytest.mark.parametrize(
    ("policy", "kept"),
    [("Retain", True), ("RetainExceptOnCreate", True), ("Snapshot", False), ("Delete", False)],
)
def test_retained_is_what_cloudformation_keeps(make_template: Any, policy: str, kept: bool) -> None:
    table = {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": policy}
    template = make_template(Table=table, Topic="AWS::SNS::Topic")
    assert template.retained == ({"Table": "AWS::DynamoDB::Table"} if kept else {})


def test_stateful_is_what_holds_data(make_template: Any) -> None:
    template = make_template(Table="AWS::DynamoDB::Table", Topic="AWS::SNS::Topic")
    assert template.stateful == {"Table"}


@pytest.mark.parametrize(
    ("resource", "capabilities"),
    [
        ({"Type": "AWS::SNS::Topic", "Properties": {"RoleName": "no role"}}, []),
        ({"Type": "AWS::IAM::Role"}, ["CAPABILITY_IAM"]),
        ({"Type": "AWS::IAM::Role", "Properties": {"Path": "/"}}, ["CAPABILITY_IAM"]),
        ({"Type": "AWS::IAM::Role", "Properties": {"RoleName": "r"}}, ["CAPABILITY_NAMED_IAM"]),
    ],
)
def test_only_the_capabilities_that_are_needed(
    make_template: Any, resource: dict[str, Any], capabilities: list[str]
) -> None:
    assert make_template(It=resource).capabilities == capabilities


def test_no_template_needs_more_than_unnamed_iam_nor_the_artifacts_bucket(rendered: Any) -> None:
    for template in rendered.templates.values():
        assert template.capabilities in ([], ["CAPABILITY_IAM"])
        assert len(dense(template.text).encode()) <= MAX_TEMPLATE_BODY_BYTES


@pytest.fixture
def builder(monkeypatch: pytest.MonkeyPatch) -> Blueprint:
    """What the builder of a layer called `sample` gives."""
    blueprint = Blueprint("sample", "A sample.")
    module = ModuleType("layers_of_tests.sample")
    module.build = lambda: blueprint  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return blueprint


def test_a_layer_is_built_by_the_module_of_its_name(builder: Blueprint) -> None:
    builder.input("KeyArn", "Key.", pattern="^arn")
    template = build(
        Layer(
            "sample", "", package="layers_of_tests", inputs={"KeyArn": OutputRef("data", "KeyArn")}
        )
    )
    assert template.layer == "sample"
    assert template.document == builder.document()
    assert template.seal
    assert list(template.parameters) == ["KeyArn"]


def test_registry_and_builder_have_to_agree(builder: Blueprint) -> None:
    builder.input("KeyArn", "Key.", pattern="^arn")
    layer = Layer(
        "sample", "", package="layers_of_tests", inputs={"VpcId": OutputRef("network", "VpcId")}
    )
    with pytest.raises(TapgenError) as caught:
        build(layer)
    assert caught.value.message == (
        "layer sample: the input KeyArn has no source in the registry; "
        "the registry has VpcId, but the builder declares no such input"
    )
    assert "layers_of_tests/sample.py" in caught.value.hint


def test_a_name_that_tapgen_keeps_for_itself_is_no_output_of_a_layer(builder: Blueprint) -> None:
    builder.output("TapgenSeal", "mine", "A seal of mine.")
    with pytest.raises(TapgenError, match="layer sample: the output TapgenSeal is reserved"):
        build(Layer("sample", "", package="layers_of_tests"))
