"""What a network interface keeps in place, and the security group that comes with a VPC."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from tests.behaviour.account import Aws, policy, refused
from tests.behaviour.facts import documented, fact
from tests.behaviour.templates import python_function, service_role

EC2: Final = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference"
VPC: Final = "https://docs.aws.amazon.com/vpc/latest/userguide"
NETWORK: Final[dict[str, Any]] = {
    "Resources": {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/24"}},
        "Subnet": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.0.0/28"},
        },
        "Group": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "GroupDescription": "Of a test."},
        },
    },
    "Outputs": {
        "Subnet": {"Value": {"Ref": "Subnet"}},
        "Group": {"Value": {"Fn::GetAtt": ["Group", "GroupId"]}},
        "Default": {"Value": {"Fn::GetAtt": ["Vpc", "DefaultSecurityGroup"]}},
    },
}


@fact(documented(f"{EC2}/API_DeleteSecurityGroup.html", f"{EC2}/errors-overview.html"), seconds=60)
def test_what_an_interface_is_in_is_not_deleted_until_the_interface_is(aws: Aws) -> None:
    stack, ec2 = aws.stack(), aws.client("ec2")
    stack.create(NETWORK)
    given, name = stack.outputs(), aws.making("interface", aws.name("interface"))
    made = ec2.create_network_interface(
        SubnetId=given["Subnet"], Groups=[given["Group"]], Description=name
    )["NetworkInterface"]["NetworkInterfaceId"]
    with refused("DependencyViolation", "has a dependent object"):
        ec2.delete_security_group(GroupId=given["Group"])
    with refused("DependencyViolation", "has dependencies and cannot be deleted"):
        ec2.delete_subnet(SubnetId=given["Subnet"])
    ec2.delete_network_interface(NetworkInterfaceId=made)
    ec2.delete_security_group(GroupId=given["Group"])
    ec2.delete_subnet(SubnetId=given["Subnet"])


@fact(documented(f"{VPC}/default-security-group.html"), seconds=45)
def test_the_default_security_group_stays_and_its_two_rules_can_go(aws: Aws) -> None:
    stack, ec2 = aws.stack(), aws.client("ec2")
    stack.create(NETWORK)
    group = stack.outputs()["Default"]

    def rules() -> dict[bool, str]:
        of_group = [{"Name": "group-id", "Values": [group]}]
        found = ec2.describe_security_group_rules(Filters=of_group)["SecurityGroupRules"]
        return {rule["IsEgress"]: rule["SecurityGroupRuleId"] for rule in found}

    with refused("CannotDelete"):
        ec2.delete_security_group(GroupId=group)
    ids = rules()
    assert ids.keys() == {True, False}
    ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=[ids[False]])
    ec2.revoke_security_group_egress(GroupId=group, SecurityGroupRuleIds=[ids[True]])
    assert rules() == {}


ATTACHING: Final = (
    "https://github.com/awsdocs/aws-lambda-developer-guide/blob/main/doc_source/configuration-vpc.md",
    "https://github.com/hashicorp/terraform-provider-aws/issues/20698",
)


def function_in(name: str, interfaces: str) -> dict[str, Any]:
    """A function in `NETWORK`; its role may change the network interfaces of that pattern."""
    account = "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:"

    def allow(actions: list[str], *resources: str) -> dict[str, Any]:
        arns = [one if one == "*" else {"Fn::Sub": f"{account}{one}"} for one in resources]
        return {"Effect": "Allow", "Action": actions, "Resource": arns}

    create, *change = (
        f"ec2:{action}"
        for action in (
            "CreateNetworkInterface",
            "DeleteNetworkInterface",
            "AssignPrivateIpAddresses",
            "UnassignPrivateIpAddresses",
        )
    )
    document = json.loads(
        policy(
            allow([create], "network-interface/*", "subnet/*", "security-group/*"),
            allow(change, interfaces),
            allow(["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"], "*"),
        )
    )
    attach = {"PolicyName": "attach", "PolicyDocument": document}
    place = {
        "SubnetIds": [{"Ref": "Subnet"}],
        "SecurityGroupIds": [{"Fn::GetAtt": ["Group", "GroupId"]}],
    }
    resources = {
        "Role": service_role(name, "lambda", Policies=[attach]),
        "Function": python_function(name, "def handler(*_): ...\n", VpcConfig=place),
    }
    return {**NETWORK, "Resources": {**NETWORK["Resources"], **resources}}


@fact(documented(*ATTACHING), seconds=90)
def test_a_role_for_interfaces_of_any_id_attaches_no_function(aws: Aws) -> None:
    stack = aws.stack()
    template = function_in(aws.name("function"), "network-interface/*")
    ended = stack.deploy(template, "CREATE", Capabilities=["CAPABILITY_NAMED_IAM"])
    assert ended["StackStatus"] == "ROLLBACK_COMPLETE"
    words = "role does not have permissions to call DeleteNetworkInterface on EC2"
    assert words in stack.reasons()["Function"]


@fact(documented(*ATTACHING), seconds=2400)
@pytest.mark.parametrize("interfaces", ["*/*", "*"])
def test_a_role_for_any_resource_of_the_account_attaches_a_function(
    aws: Aws, interfaces: str
) -> None:
    template = function_in(aws.name("function"), interfaces)
    ended = aws.stack().create(template, Capabilities=["CAPABILITY_NAMED_IAM"])
    assert ended["StackStatus"] == "CREATE_COMPLETE"
