from __future__ import annotations

import json
from typing import Any

CIDR = "10.1.0.0/16"
NETWORK: dict[str, Any] = {
    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": CIDR}},
    "Subnet": {
        "Type": "AWS::EC2::Subnet",
        "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.1.1.0/24"},
    },
}


def tagged(value: str) -> list[dict[str, str]]:
    return [{"Key": "Name", "Value": value}]


def nat(name: str) -> dict[str, Any]:
    return {
        **NETWORK,
        "Address": {"Type": "AWS::EC2::EIP", "Properties": {"Tags": tagged(name)}},
        "Nat": {
            "Type": "AWS::EC2::NatGateway",
            "Properties": {
                "SubnetId": {"Ref": "Subnet"},
                "AllocationId": {"Fn::GetAtt": ["Address", "AllocationId"]},
                "Tags": tagged(name),
            },
        },
    }


def test_a_nat_gateway_uses_the_address_and_keeps_its_id_when_only_tags_change(account):
    outputs = {"Nat": {"Ref": "Nat"}, "Ip": {"Ref": "Address"}, "Range": {"Fn::GetAtt": "Vpc.CidrBlock"}}
    outputs["Range"] = {"Fn::GetAtt": ["Vpc", "CidrBlock"]}
    first = account.deploy("net", nat("one"), outputs=outputs)
    second = account.deploy("net", nat("two"), outputs=outputs)

    ec2 = account.client("ec2")
    gateway = ec2.describe_nat_gateways(NatGatewayIds=[first["Outputs"]["Nat"]])["NatGateways"][0]
    address = ec2.describe_addresses()["Addresses"][0]
    assert first["StackStatus"] == "CREATE_COMPLETE"
    assert second["StackStatus"] == "UPDATE_COMPLETE"
    assert first["Outputs"] == second["Outputs"]
    assert first["Outputs"]["Range"] == CIDR
    assert address["PublicIp"] == first["Outputs"]["Ip"]
    assert gateway["NatGatewayAddresses"][0]["AllocationId"] == address["AllocationId"]
    names = {t["Key"]: t["Value"] for t in gateway["Tags"]}
    assert names["Name"] == "two"

    assert account.delete("net")["StackStatus"] == "DELETE_COMPLETE"
    assert ec2.describe_addresses()["Addresses"] == []
