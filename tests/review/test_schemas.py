"""What cfn-lint ships of AWS's own description of resource types."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from tapgen.errors import TapgenError
from tapgen.review import schemas
from tapgen.review.schemas import (
    TESTED,
    authorization_reference,
    handles,
    identifier_properties,
    identifying,
    is_tested,
    physical_id_of,
    resource_schema,
    stateful_types,
    tag_values,
    types,
)
from tests.test_dependencies import asked_for


def test_resource_types_have_a_schema() -> None:
    assert resource_schema("AWS::S3::Bucket")["tagging"]["taggable"] is True
    assert resource_schema("Custom::Nothing") == {}


@pytest.mark.parametrize(
    ("tags", "values"),
    [
        ([{"Key": "a", "Value": "1"}, "no tag", {}], {"a": "1"}),
        ([{"TagKey": "a", "TagValue": "1"}], {"a": "1"}),
        ([{"Key": "a"}], {"a": None}),
        ({"a": "1"}, {"a": "1"}),
        (None, {}),
        ({"Ref": "Tags"}, {"Ref": "Tags"}),
    ],
)
def test_tags_are_told_by_their_keys_in_any_form(tags: Any, values: dict[str, Any]) -> None:
    assert tag_values(tags) == values


def test_types_are_told_with_what_aws_can_do_to_them() -> None:
    assert {"AWS::S3::Bucket", "AWS::RDS::DBInstance"} <= types()
    assert handles("AWS::S3::Bucket", "read")
    assert not handles("AWS::SQS::QueuePolicy", "read")
    assert not handles("Custom::Nothing", "read")
    assert identifier_properties("AWS::WAFv2::WebACL") == ("Name", "Id", "Scope")


@pytest.mark.parametrize(
    ("kind", "identifier", "physical_id"),
    [
        ("AWS::S3::Bucket", "logs", "logs"),
        ("Custom::Nothing", "a|b", "a|b"),
        ("AWS::SSM::Parameter", "/a|b", "/a|b"),
        ("AWS::Cognito::UserPoolClient", "eu-west-1_a|client", "client"),
        ("AWS::ApiGateway::Resource", "api|resource", "resource"),
        ("AWS::ApiGateway::Deployment", "deployment|api", "deployment"),
        ("AWS::ApiGateway::Stage", "api|v1", "v1"),
        ("AWS::CodeDeploy::DeploymentGroup", "app|group", "group"),
        ("AWS::EC2::EIP", "203.0.113.1|eipalloc-1", "203.0.113.1"),
        ("AWS::WAFv2::WebACL", "acl|1|REGIONAL", "acl|1|REGIONAL"),
    ],
)
def test_of_what_identifies_a_resource_ref_returns_what_aws_gives_it(
    kind: str, identifier: str, physical_id: str
) -> None:
    assert physical_id_of(kind, identifier) == physical_id


def test_what_identifies_a_resource_is_told_apart() -> None:
    told = identifying("AWS::ApiGateway::Stage", "api|v1")
    assert told == {"RestApiId": "api", "StageName": "v1"}
    assert identifying("AWS::SSM::Parameter", "/a|b") == {"Name": "/a|b"}
    assert identifying("Custom::Nothing", "x") == {}


def test_some_types_hold_data() -> None:
    held = {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Logs::LogGroup"}
    assert held <= stateful_types()


def test_services_have_actions() -> None:
    put = authorization_reference()["dynamodb"]["Actions"]["putitem"]
    assert [name.lower() for name in put["Resources"]] == ["table"]


def test_the_installed_version_is_tested_and_setup_cfg_allows_every_tested_one() -> None:
    assert is_tested(version("cfn-lint"))
    (allowed,) = (one for one in map(Requirement, asked_for()) if one.name == "cfn-lint")
    assert all(allowed.specifier.contains(f"{minor}.0") for minor in TESTED)


def test_another_layout_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schemas, "_data", lambda: tmp_path)
    stateful_types.cache_clear()
    with pytest.raises(TapgenError, match="tapgen was not tested with") as caught:
        stateful_types()
    stateful_types.cache_clear()
    assert version("cfn-lint") in caught.value.message
    assert str(tmp_path / "AdditionalSpecs" / "StatefulResources.json") in caught.value.message
    assert f"cfn-lint == {TESTED[-1]}.*" in caught.value.hint
