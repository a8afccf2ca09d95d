"""Conditions of what an environment may do, whichever platform it is of."""

from __future__ import annotations

from typing import Any

import pytest

from tapgen.iam.conditions import Bounds
from tapgen.iam.scope import Scope
from tests.iam.stacks import TAGS, stack

OURS = {"StringEquals": {f"aws:ResourceTag/{name}": value for name, value in TAGS.items()}}


def conditions(action: str, boundary: str | None = None, **resources: Any) -> list[Any]:
    made = Bounds(Scope([stack(**resources)]), boundary).grants([action])
    return [grant.condition for grant in made]


def role(principal: Any) -> dict[str, Any]:
    trust = {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}


@pytest.mark.parametrize(
    ("principal", "services"),
    [
        ({"Service": "ecs-tasks.amazonaws.com"}, ["ecs-tasks.amazonaws.com"]),
        (
            {"Service": ["b.amazonaws.com", "a.amazonaws.com"]},
            ["a.amazonaws.com", "b.amazonaws.com"],
        ),
        ({"AWS": "111111111111"}, []),
        ({"Federated": "cognito-identity.amazonaws.com"}, []),
        ("*", []),
    ],
)
def test_a_role_is_handed_only_to_services_that_it_trusts(
    principal: Any, services: list[str]
) -> None:
    assert conditions("iam:PassRole", Role=role(principal)) == [
        {"StringEquals": {"iam:PassedToService": services}}
    ]


def test_what_has_an_id_of_aws_must_be_ours_to_be_changed() -> None:
    assert conditions("ec2:DeleteVpc", Vpc="AWS::EC2::VPC") == [OURS]
    assert conditions("ec2:CreateVpc", Vpc="AWS::EC2::VPC") == [None]
    unguarded = Bounds(Scope([stack(Vpc="AWS::EC2::VPC")]), guarded=False).grants(["ec2:DeleteVpc"])
    assert [grant.condition for grant in unguarded] == [None]


def test_what_lambda_made_carries_no_tags_to_ask_for() -> None:
    (condition,) = conditions("ec2:DeleteNetworkInterface", Function="AWS::Lambda::Function")
    assert condition is None


def test_roles_are_bounded_where_there_is_a_boundary() -> None:
    bound = "arn:aws:iam::111111111111:policy/bound"
    made = role({"Service": "a.amazonaws.com"})
    assert conditions("iam:CreateRole", bound, Role=made) == [
        {"StringEquals": {"iam:PermissionsBoundary": bound}}
    ]
    assert conditions("iam:CreateRole", Role=made) == [None]


def test_without_a_zone_there_are_no_records_to_change() -> None:
    action = "route53:ChangeResourceRecordSets"
    zone = {"Type": "AWS::Route53::HostedZone", "Properties": {"Name": "Acme.example.com."}}
    assert conditions(action, Queue="AWS::SQS::Queue") == []
    ((_, keys),) = conditions(action, Zone=zone)[0].items()
    assert keys == {
        "route53:ChangeResourceRecordSetsNormalizedRecordNames": [
            "acme.example.com",
            "*.acme.example.com",
        ]
    }


def test_what_cannot_be_limited_is_limited_to_the_regions() -> None:
    assert conditions("ec2:DescribeVpcs", Vpc="AWS::EC2::VPC") == [
        {"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}}
    ]
