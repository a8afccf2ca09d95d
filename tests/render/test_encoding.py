"""JSON values of troposphere's objects: what its own `to_dict` gives, with sorted keys."""

from __future__ import annotations

import json
from typing import Any

import pytest
from awacs.aws import Allow, PolicyDocument, Statement
from awacs.s3 import GetObject
from troposphere import GetAtt, Ref, Sub, Tags, encode_to_dict
from troposphere.dynamodb import AttributeDefinition, Table
from troposphere.s3 import Bucket, BucketEncryption
from troposphere.sns import Topic

from tapgen.payments.layers.registry import LAYERS
from tapgen.render.encoding import encoded
from tapgen.render.sources.builders import blueprint_of


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_a_template_is_what_troposphere_makes_of_it(layer: Any) -> None:
    blueprint = blueprint_of(layer)
    document = blueprint.document()
    assert document == blueprint.template.to_dict()
    assert json.dumps(document) == json.dumps(document, sort_keys=True)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        7,
        "text",
        (1, [2, {"b": Ref("B"), "a": (GetAtt("A", "Arn"),)}]),
        Sub("${Name}", Name=Ref("Name")),
        Tags(B="2", A=Ref("One")) + Tags(Ref("More")),
        Topic("Plain"),
        Topic("Marked", Metadata={"b": 1, "a": {}}),
        AttributeDefinition(AttributeName="id", AttributeType="S"),
        Bucket("Bucket", BucketName=Sub("${Prefix}-x"), DeletionPolicy="Retain"),
        Table("Unchecked").no_validation(),
        PolicyDocument(
            Statement=[Statement(Effect=Allow, Action=[GetObject], Resource=[Ref("Arn")])]
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_part_is_what_troposphere_makes_of_it(value: Any) -> None:
    assert encoded(value) == encode_to_dict(value)


def test_a_resource_must_have_what_its_type_requires() -> None:
    with pytest.raises(ValueError, match="KeySchema required in type AWS::DynamoDB::Table"):
        encoded({"Resources": {"Table": Table("Table", AttributeDefinitions=[])}})


def test_a_part_of_a_resource_must_have_what_it_requires() -> None:
    part = BucketEncryption()
    with pytest.raises(ValueError, match="ServerSideEncryptionConfiguration required"):
        encoded(Bucket("Bucket", BucketEncryption=part))
