from __future__ import annotations

from typing import Any

import pytest

from tapgen.render.rendering import Rendered
from tapgen.review.lint.rules import access
from tests.review.lint.rules.shipped import (
    Check,
    Mutation,
    assert_found,
    setting,
    without,
)
from tests.review.lint.rules.stubs import (
    names,
    template,
    with_resource,
)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}, []),
        ({"Action": ["sqs:SendMessage", "sqs:ReceiveMessage"]}, []),
        ({"Principal": "*", "Action": "sqs:SendMessage"}, ["any-principal"]),
        ({"Principal": {"AWS": ["a", "*"]}, "Action": "sqs:SendMessage"}, ["any-principal"]),
        ({"NotPrincipal": {"AWS": "a"}, "Action": "sqs:SendMessage"}, ["any-principal"]),
        (
            {
                "Principal": {"AWS": ["*"]},
                "Action": "sqs:SendMessage",
                "Condition": {"ArnEquals": {"aws:PrincipalArn": {"Fn::Sub": "arn:x:role/y"}}},
            },
            [],
        ),
        (
            {
                "Principal": "*",
                "Action": "sqs:SendMessage",
                "Condition": {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/y"}},
            },
            ["any-principal"],
        ),
        ({"Action": "*"}, ["any-action"]),
        ({"Action": ["sqs:Get*", "sqs:SendMessage"]}, ["any-action"]),
        ({"NotAction": "sqs:SendMessage"}, ["any-action"]),
        ({"Effect": "Deny", "Principal": "*", "Action": "*"}, []),
    ],
)
def test_policies_name_whom_and_what_they_allow(
    statement: dict[str, Any], expected: list[str]
) -> None:
    policy = {"Statement": [{"Effect": "Allow", "Resource": "*", **statement}]}
    assert names(with_resource("AWS::SQS::QueuePolicy", {"PolicyDocument": policy})) == expected


def test_security_groups_name_protocols_and_egress() -> None:
    def group(**properties: Any) -> list[str]:
        return names(with_resource("AWS::EC2::SecurityGroup", properties))

    https = [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}]
    assert group(SecurityGroupEgress=https) == []
    assert group(SecurityGroupEgress=https, SecurityGroupIngress=[{"IpProtocol": -1}]) == [
        "any-protocol"
    ]
    assert group() == ["any-protocol"]
    assert names(with_resource("AWS::EC2::SecurityGroupEgress", {"IpProtocol": "-1"})) == [
        "any-protocol"
    ]


@pytest.mark.parametrize(
    ("check", "layer", "mutate"),
    [
        (
            access.public_access,
            "storage",
            without("ApiLogsBucket", "PublicAccessBlockConfiguration"),
        ),
        (
            access.public_access,
            "storage",
            setting("ApiLogsBucket", "PublicAccessBlockConfiguration", "BlockPublicAcls", to=False),
        ),
        (
            access.public_access,
            "network",
            setting("PrivateSubnet1", "MapPublicIpOnLaunch", to=True),
        ),
        (access.public_access, "api", setting("GetHealthPermission", "Principal", to="*")),
    ],
)
def test_a_broken_template_is_found(
    rendered: Rendered, check: Check, layer: str, mutate: Mutation
) -> None:
    assert_found(check, rendered.templates[layer], mutate)


@pytest.mark.parametrize(
    ("boundary", "bounded"),
    [
        ({"Fn::If": ["HasBoundary", {"Fn::Sub": "arn:x:${Boundary}"}, {"Ref": "AWS::NoValue"}]}, 1),
        ({"Fn::Sub": "arn:x:${Other}"}, 0),
        (None, 0),
    ],
)
def test_a_role_is_bounded_by_the_policy_of_the_environment(boundary: Any, bounded: int) -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {"PermissionsBoundary": boundary}}
    of = template({"Boundary": "deployment.permission_boundary"}, Resources={"Role": role})
    problems = [*access.unbounded_role(of)]
    assert len(problems) == 1 - bounded
    assert all("IAM refuses to create this role" in problem.message for problem in problems)
    assert len([*access.unbounded_role(template(Resources={"Role": role}))]) == 1
