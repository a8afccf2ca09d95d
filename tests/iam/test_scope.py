"""ARN patterns of what an environment has, whichever platform it is of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tapgen.iam.scope import Scope, listed
from tapgen.model.layer import OutputRef, ParameterRef
from tests.iam.stacks import stack

HOME = "eu-west-1:111111111111"


def test_what_has_a_name_is_limited_to_it_and_the_rest_by_place() -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "acme-dev-inbox"}}
    scope = Scope([stack(Queue=queue, Other="AWS::SQS::Queue", Key="AWS::KMS::Key")])
    assert scope.arns("sqs:DeleteQueue") == (f"arn:aws:sqs:{HOME}:acme-dev-*",)
    assert scope.arns("kms:DescribeKey") == (f"arn:aws:kms:{HOME}:key/*",)


def test_what_may_be_asked_about_beside_the_reference_is_named_too() -> None:
    source = {"Type": "AWS::Logs::DeliverySource", "Properties": {"Name": "acme-dev-cdn"}}
    arns = Scope([stack(Source=source)]).arns("logs:DeleteDeliverySource")
    assert f"arn:aws:logs:{HOME}:delivery-source:acme-dev-*" in arns


@pytest.mark.parametrize(
    ("kind", "action", "arn"),
    [
        ("AWS::SES::EmailIdentity", "ses:CreateEmailIdentity", f"arn:aws:ses:{HOME}:identity/*"),
        ("AWS::RDS::DBCluster", "rds:ModifyDBCluster", f"arn:aws:rds:{HOME}:cluster:*"),
    ],
)
def test_a_type_that_is_in_no_list_is_limited_to_account_and_region(
    kind: str, action: str, arn: str
) -> None:
    assert arn in Scope([stack(It=kind)]).arns(action)


def test_api_gateway_is_limited_to_the_paths_of_rest_apis() -> None:
    scope = Scope([stack(Api="AWS::ApiGateway::RestApi", It="AWS::SQS::Queue")])
    assert scope.arns("apigateway:POST") == (
        "arn:aws:apigateway:eu-west-1::/restapis",
        "arn:aws:apigateway:eu-west-1::/restapis/*",
    )


def test_other_apis_have_other_paths() -> None:
    stacks = [
        stack(Api="AWS::ApiGateway::RestApi"),
        stack("b", "eu-central-1", Api="AWS::ApiGatewayV2::Api"),
    ]
    anywhere = (
        "arn:aws:apigateway:eu-central-1::/*",
        "arn:aws:apigateway:eu-west-1::/*",
    )
    assert Scope(stacks).arns("apigateway:POST") == anywhere
    assert Scope(stacks).arns("apigateway:CreateRoutingRule") == anywhere


def test_without_an_api_there_is_nothing_to_ask_api_gateway() -> None:
    assert Scope([stack(It="AWS::SQS::Queue")]).arns("apigateway:GET") == ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Bucket"}, "acme-dev-artifacts"),
        ({"Ref": "Nameless"}, "acme-dev-storage-nameless-*"),
        ("acme-dev-artifacts", None),
        ({"Ref": "Queue"}, None),
    ],
)
def test_a_bucket_is_found_by_the_output_that_names_it(value: object, expected: str | None) -> None:
    storage = stack(
        "storage",
        outputs={"Name": {"Value": value}},
        Bucket={"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "acme-dev-artifacts"}},
        Nameless="AWS::S3::Bucket",
        Queue="AWS::SQS::Queue",
    )
    assert Scope([storage]).bucket(OutputRef("storage", "Name")) == expected
    assert Scope([storage]).bucket(OutputRef("elsewhere", "Name")) is None


def test_one_is_a_list_of_one() -> None:
    assert listed("a") == ["a"]
    assert listed(("a", "b")) == ["a", "b"]


def test_parameters_that_settings_read_can_be_read_and_no_others() -> None:
    queue = stack(It="AWS::SQS::Queue")
    action = "ssm:GetParameters"
    assert Scope([queue]).arns(action) == ()
    sources = ("/shared/vpc-id", "plain:3", "/aws/service/ami/latest")
    inputs = {f"P{number}": ParameterRef(name) for number, name in enumerate(sources)}
    reading = Scope([replace(queue, inputs=inputs)])
    place = f"arn:aws:ssm:{queue.region}"
    assert reading.arns(action) == (
        f"{place}:{queue.account_id}:parameter/plain:3",
        f"{place}:{queue.account_id}:parameter/shared/vpc-id",
        f"{place}::parameter/aws/service/ami/latest",
    )
    assert not any("shared" in arn for arn in reading.arns("ssm:PutParameter"))


def test_a_database_brings_the_groups_of_its_engine_its_snapshot_and_its_secret() -> None:
    named = {"DBSubnetGroupName": "acme-dev-jobs", "DBInstanceIdentifier": "acme-dev-jobs"}
    types = {"Places": "AWS::RDS::DBSubnetGroup", "Database": "AWS::RDS::DBInstance"}
    declared: dict[str, Any] = {
        name: {"Type": kind, "Properties": named} for name, kind in types.items()
    }
    scope = Scope([stack(**declared)])
    kinds = {
        action: {arn.removeprefix(f"arn:aws:rds:{HOME}:") for arn in scope.arns(f"rds:{action}")}
        for action in ("CreateDBInstance", "CreateDBSnapshot")
    }
    assert kinds == {
        "CreateDBInstance": {
            "db:acme-dev-*", "og:default:*", "pg:default.*", "subgrp:acme-dev-*"
        },
        "CreateDBSnapshot": {"db:acme-dev-*", "snapshot:acme-dev-*"},
    }  # fmt: skip
    assert scope.arns("secretsmanager:CreateSecret") == (
        f"arn:aws:secretsmanager:{HOME}:secret:rds!db-*",
    )
