"""Actions that IAM asks for beside others, mapped to the policies of all tasks.

The table is that of the service authorization reference, "dependent actions", for everything that
any of the policies allows; read in March 2026.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tapgen.iam import policies
from tapgen.iam.policies import Roles
from tapgen.payments.platform import PLATFORM
from tests.iam.stacks import stack

if TYPE_CHECKING:
    from tapgen.model.stack import Stack
    from tapgen.render.rendering import Rendered

_TAGS: Final = "ec2:CreateTags"
# Action -> what it depends on.
DEPENDENT: Final = {
    "application-autoscaling:RegisterScalableTarget": "application-autoscaling:TagResource",
    "cloudformation:DescribeStacks": "cloudformation:ListStacks",
    "cloudfront:CreateDistribution": "cloudfront:CreateConnectionGroup",
    "ec2:AllocateAddress": _TAGS,
    "ec2:AuthorizeSecurityGroupEgress": _TAGS,
    "ec2:AuthorizeSecurityGroupIngress": _TAGS,
    "ec2:CreateFlowLogs": f"iam:PassRole {_TAGS} ecs:ListClusters ecs:ListContainerInstances "
    "ecs:ListServices ecs:ListTaskDefinitions ecs:ListTasks",
    "ec2:CreateInternetGateway": _TAGS,
    "ec2:CreateNatGateway": _TAGS,
    "ec2:CreateRouteTable": _TAGS,
    "ec2:CreateSecurityGroup": _TAGS,
    "ec2:CreateSubnet": _TAGS,
    "ec2:CreateVpc": _TAGS,
    "ec2:CreateVpcEndpoint": f"{_TAGS} ec2:DescribeSecurityGroups ec2:DescribeSubnets "
    "ec2:DescribeVpcs route53:AssociateVPCWithHostedZone",
    "kms:CreateKey": "iam:CreateServiceLinkedRole kms:PutKeyPolicy kms:TagResource",
    "lambda:CreateFunction": "iam:PassRole lambda:PassCapacityProvider",
    "route53:CreateHostedZone": "ec2:DescribeVpcs",
    "sns:CreateTopic": "iam:PassRole",
    "sns:SetTopicAttributes": "iam:PassRole",
    "wafv2:AssociateWebACL": "apigateway:SetWebACL wafv2:GetPermissionPolicy "
    "wafv2:PutPermissionPolicy",
    "wafv2:CreateWebACL": "wafv2:TagResource",
    "wafv2:DisassociateWebACL": "apigateway:SetWebACL wafv2:PutPermissionPolicy",
    "wafv2:GetWebACLForResource": "wafv2:GetWebACL",
    "wafv2:PutLoggingConfiguration": "iam:CreateServiceLinkedRole",
}
# (Action, what it depends on where it is used so) -> why that is not so here. The firewall's other
# protected resources (load balancers, user pools, ...) are left out of the table above.
OF_NO_USE: Final = {
    ("cloudfront:CreateDistribution", "cloudfront:CreateConnectionGroup"): "no tenants",
    ("ec2:CreateFlowLogs", "ecs:ListClusters"): "the log format has no field of ECS",
    ("ec2:CreateFlowLogs", "ecs:ListContainerInstances"): "the same",
    ("ec2:CreateFlowLogs", "ecs:ListServices"): "the same",
    ("ec2:CreateFlowLogs", "ecs:ListTaskDefinitions"): "the same",
    ("ec2:CreateFlowLogs", "ecs:ListTasks"): "the same",
    ("ec2:CreateVpcEndpoint", "route53:AssociateVPCWithHostedZone"): "where an endpoint has one",
    ("lambda:CreateFunction", "lambda:PassCapacityProvider"): "no capacity providers",
    ("wafv2:AssociateWebACL", "wafv2:GetPermissionPolicy"): "no rule groups are shared",
    ("wafv2:AssociateWebACL", "wafv2:PutPermissionPolicy"): "the same",
    ("wafv2:DisassociateWebACL", "wafv2:PutPermissionPolicy"): "the same",
}


def allowed(task: str, stacks: tuple[Stack, ...]) -> set[str]:
    made = policies.BUILDERS[task](PLATFORM, stacks, Roles())
    return {
        action
        for policy in made
        for one in policy.document["Statement"]
        for action in one["Action"]
    }


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
@pytest.mark.parametrize("task", sorted(policies.BUILDERS))
def test_whoever_may_do_something_may_do_what_it_depends_on(
    rendered: Rendered, task: str, environment: str
) -> None:
    actions = allowed(task, rendered.stacks[environment])
    missing = {
        (action, needed)
        for action, dependent in DEPENDENT.items()
        if action in actions
        for needed in dependent.split()
        if needed not in actions
    }
    assert missing <= OF_NO_USE.keys()


def test_no_exception_is_left_over(rendered: Rendered) -> None:
    every = {
        action
        for task in policies.BUILDERS
        for stacks in rendered.stacks.values()
        for action in allowed(task, stacks)
    }
    assert DEPENDENT.keys() <= every
    assert {(one, needed) for one in DEPENDENT for needed in DEPENDENT[one].split()} >= set(
        OF_NO_USE
    )


@pytest.mark.parametrize(("private", "granted"), [({"PrivateDnsEnabled": True}, True), ({}, False)])
def test_an_endpoint_with_a_name_of_its_own_joins_a_zone(
    private: dict[str, Any], granted: bool
) -> None:
    endpoint = {"Type": "AWS::EC2::VPCEndpoint", "Properties": {"VpcId": "vpc-1", **private}}
    actions = allowed("service-role", (stack(Endpoint=endpoint),))
    assert ("route53:AssociateVPCWithHostedZone" in actions) is granted
