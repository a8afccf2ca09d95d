"""Functions in a VPC have network interfaces, which outlive them and keep what they are in."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.behaviour.templates import ATTACHING, trusting
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.local.conftest import Account

TRUST = trusting("lambda")


@pytest.fixture
def network(account: Account) -> dict[str, Any]:
    """A subnet and two groups, made by hand, as VpcConfig takes them."""
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    groups = [
        ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        for name in ("a", "b")
    ]
    return {"SubnetIds": [subnet], "SecurityGroupIds": groups}


def make_function(
    account: Account, name: str, network: dict[str, Any], policy: str = ATTACHING
) -> None:
    """A function in the network, whose role has the managed policy."""
    iam = account.client("iam")
    role = iam.create_role(RoleName=f"{name}-role", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.attach_role_policy(RoleName=f"{name}-role", PolicyArn=policy)
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("code.py", "def handler(event, context): ...\n")
    account.client("lambda").create_function(
        FunctionName=name,
        Role=role["Role"]["Arn"],
        Runtime="python3.13",
        Handler="code.handler",
        Code={"ZipFile": code.getvalue()},
        VpcConfig=network,
    )


def interfaces(account: Account, **filters: str) -> list[dict[str, Any]]:
    given = [{"Name": name.replace("_", "-"), "Values": [one]} for name, one in filters.items()]
    found = account.client("ec2").describe_network_interfaces(Filters=given)["NetworkInterfaces"]
    return list(found)


def refusal(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**arguments)
    told = error.value.response["Error"]
    return f"{told['Code']}: {told['Message']}"


def test_functions_of_one_place_share_an_interface(
    account: Account, network: dict[str, Any]
) -> None:
    make_function(account, "one", network)
    make_function(account, "two", network)
    (found,) = interfaces(account, description="AWS Lambda VPC ENI-one-*")
    assert (found["Status"], found["InterfaceType"]) == ("in-use", "lambda")
    assert found["RequesterManaged"]
    assert {group["GroupId"] for group in found["Groups"]} == {*network["SecurityGroupIds"]}
    (subnet,) = network["SubnetIds"]
    assert interfaces(account, subnet_id=subnet, status="in-use", vpc_id=found["VpcId"]) == [found]
    assert interfaces(account, description="AWS Lambda VPC ENI-two-*") == []
    assert interfaces(account, group_id="sg-0") == []


def test_what_an_interface_is_in_cannot_be_deleted(
    account: Account, network: dict[str, Any]
) -> None:
    make_function(account, "one", network)
    ec2, (subnet,), (group, _) = (
        account.client("ec2"),
        network["SubnetIds"],
        network["SecurityGroupIds"],
    )
    (found,) = interfaces(account)
    identifier = found["NetworkInterfaceId"]
    assert refusal(ec2.delete_security_group, GroupId=group) == (
        f"DependencyViolation: resource {group} has a dependent object"
    )
    assert refusal(ec2.delete_subnet, SubnetId=subnet) == (
        f"DependencyViolation: The subnet '{subnet}' has dependencies and cannot be deleted."
    )
    assert refusal(ec2.delete_network_interface, NetworkInterfaceId=identifier) == (
        f"InvalidParameterValue: Network interface '{identifier}' is currently in use."
    )
    account.client("iam").detach_role_policy(RoleName="one-role", PolicyArn=ATTACHING)
    account.client("iam").delete_role(RoleName="one-role")
    account.client("lambda").delete_function(FunctionName="one")
    make_function(account, "two", {"SubnetIds": [], "SecurityGroupIds": []})
    (left,) = interfaces(account, status="available")
    assert "DependencyViolation" in refusal(ec2.delete_security_group, GroupId=group)
    ec2.delete_network_interface(NetworkInterfaceId=left["NetworkInterfaceId"])
    ec2.delete_security_group(GroupId=group)
    ec2.delete_subnet(SubnetId=subnet)


def test_lambda_takes_it_back_as_long_as_there_is_the_role(
    account: Account, network: dict[str, Any]
) -> None:
    make_function(account, "one", network)
    functions = account.client("lambda")
    functions.publish_version(FunctionName="one")
    functions.update_function_configuration(
        FunctionName="one", VpcConfig={"SubnetIds": [], "SecurityGroupIds": []}
    )
    assert [one["Status"] for one in interfaces(account)] == ["in-use"]  # the version's
    functions.delete_function(FunctionName="one")
    wait_until(lambda: not interfaces(account))


def test_the_role_and_its_boundary_have_to_allow_it(
    account: Account, network: dict[str, Any]
) -> None:
    iam, words = account.client("iam"), "does not have permissions to call {} on EC2"

    def managed(name: str, resource: str) -> str:
        every = {"Effect": "Allow", "Action": "ec2:*", "Resource": resource}
        document = json.dumps({"Version": "2012-10-17", "Statement": [every]})
        return str(iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"])

    here = f"arn:aws:ec2:us-east-1:{account.id}"
    narrow, wide = managed("narrow", f"{here}:network-interface/*"), managed("wide", "*")
    with pytest.raises(ClientError, match=words.format("DescribeNetworkInterfaces")):
        make_function(account, "narrow", network, narrow)
    make_function(account, "wide", {"SubnetIds": [], "SecurityGroupIds": []}, wide)
    functions = account.client("lambda")
    functions.update_function_configuration(FunctionName="wide", VpcConfig=network)
    bound = managed("bound", f"{here}:*/*")
    iam.put_role_permissions_boundary(RoleName="wide-role", PermissionsBoundary=bound)
    with pytest.raises(ClientError, match=words.format("DescribeNetworkInterfaces")):
        functions.update_function_configuration(FunctionName="wide", VpcConfig=network)
    functions.update_function_configuration(
        FunctionName="wide", VpcConfig=network, Role=f"arn:aws:iam::{account.id}:role/nobody"
    )


def resources(cidr: str = "10.0.1.0/24", group: str = "Functions.") -> dict[str, Any]:
    return {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "Subnet": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": cidr},
        },
        "Group": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "GroupDescription": group},
        },
    }


def deploy(account: Account, **more: str) -> dict[str, Any]:
    outputs = {"Subnet": {"Ref": "Subnet"}, "Group": {"Ref": "Group"}}
    stack = account.deploy("network", resources(**more), outputs=outputs)
    return {
        "SubnetIds": [stack["Outputs"]["Subnet"]],
        "SecurityGroupIds": [stack["Outputs"]["Group"]],
    }


def test_a_stack_whose_network_is_in_use_is_not_deleted(account: Account) -> None:
    make_function(account, "one", deploy(account))
    assert account.delete("network")["StackStatus"] == "DELETE_FAILED"
    reasons = account.reasons("network")
    assert "has a dependent object (Service: Ec2" in reasons["Group"]
    assert "has dependencies and cannot be deleted. (Service: Ec2" in reasons["Subnet"]


def test_what_an_update_replaces_is_left_behind_while_it_is_in_use(account: Account) -> None:
    before = deploy(account)
    make_function(account, "one", before)
    after = deploy(account, group="Other.")
    assert after["SecurityGroupIds"] != before["SecurityGroupIds"]
    groups = account.client("ec2").describe_security_groups()["SecurityGroups"]
    assert {*before["SecurityGroupIds"], *after["SecurityGroupIds"]} <= {
        group["GroupId"] for group in groups
    }
