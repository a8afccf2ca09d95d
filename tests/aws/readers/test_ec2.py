"""What a VPC has beside what is declared: the security group that EC2 makes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.aws.readers.registry import read
from tapgen.aws.readers.values import NotRead
from tapgen.aws.resources.retained import Region
from tests.advice import call_aws, told_commands

if TYPE_CHECKING:
    from tapgen.aws.account import Account


def default_group(region: Region, vpc: str) -> dict[str, Any]:
    found = read(region, "AWS::EC2::VPC", vpc, {})
    assert isinstance(found, dict)
    return dict(found["DefaultSecurityGroup"])


def test_the_commands_that_are_told_take_all_rules_of_the_default_group_away(
    account: Account,
) -> None:
    region = Region(account, "us-east-1")
    ec2 = region.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    of_vpc = [{"Name": "vpc-id", "Values": [vpc]}]
    (group,) = ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"]
    found = default_group(region, vpc)
    assert found["Interfaces"] == 0
    assert isinstance(found["Rules"], NotRead)
    assert f"{group['GroupId']} has 2 default rules, " in str(found["Rules"])
    first, second = told_commands(found["Rules"].by_hand, "aws")
    call_aws(account, first)
    left = default_group(region, vpc)["Rules"]
    assert isinstance(left, NotRead)
    assert f"{group['GroupId']} has 1 default rule, " in str(left)
    assert told_commands(left.by_hand, "aws") == [second]
    assert left.by_hand.endswith("` removes them")
    call_aws(account, second)
    assert default_group(region, vpc) == {"Interfaces": 0, "Rules": 0}


def test_what_is_in_the_default_group_counts(account: Account) -> None:
    region = Region(account, "us-east-1")
    ec2 = region.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    of_vpc = [{"Name": "vpc-id", "Values": [vpc]}]
    (group,) = ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    ec2.create_network_interface(SubnetId=subnet, Groups=[group["GroupId"]])
    assert default_group(region, vpc)["Interfaces"] == 1
