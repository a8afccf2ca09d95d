"""What cfn-lint ships of AWS's own description of resource types."""

from __future__ import annotations

from tapgen.review.schemas import authorization_reference, resource_schema, stateful_types


def test_resource_types_have_a_schema() -> None:
    assert resource_schema("AWS::S3::Bucket")["tagging"]["taggable"] is True
    assert resource_schema("Custom::Nothing") == {}


def test_some_types_hold_data() -> None:
    held = {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Logs::LogGroup"}
    assert held <= stateful_types()


def test_services_have_actions() -> None:
    put = authorization_reference()["dynamodb"]["Actions"]["putitem"]
    assert [name.lower() for name in put["Resources"]] == ["table"]
