"""What a network interface keeps in place, and the security group that comes with a VPC."""

from __future__ import annotations

from typing import Any, Final

from tests.behaviour.account import Aws, refused
from tests.behaviour.facts import documented, fact

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
