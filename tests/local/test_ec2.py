from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.local.conftest import Account

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


def test_the_default_group_of_a_vpc_lets_its_members_talk(account: Account) -> None:
    ec2 = account.client("ec2")
    ec2.create_vpc(CidrBlock=CIDR)
    account.deploy("network", NETWORK)
    default = [{"Name": "group-name", "Values": ["default"]}]
    groups = ec2.describe_security_groups(Filters=default)["SecurityGroups"]
    mine = [group for group in groups if group["VpcId"] != "vpc-00000001"]
    assert len(mine) >= 2
    for group in mine:
        (incoming,), (outgoing,) = group["IpPermissions"], group["IpPermissionsEgress"]
        assert incoming["UserIdGroupPairs"][0]["GroupId"] == group["GroupId"]
        assert outgoing["IpRanges"] == [{"CidrIp": "0.0.0.0/0"}]
        of_group = [{"Name": "group-id", "Values": [group["GroupId"]]}]
        rules = ec2.describe_security_group_rules(Filters=of_group)["SecurityGroupRules"]
        ids = [rule["SecurityGroupRuleId"] for rule in rules if not rule["IsEgress"]]
        ec2.revoke_security_group_ingress(GroupId=group["GroupId"], SecurityGroupRuleIds=ids)
    tags = {"Tags": [{"Key": "Name", "Value": "other"}]}
    vpc = {"Vpc": {**NETWORK["Vpc"], "Properties": {"CidrBlock": CIDR, **tags}}}
    account.deploy("network", {**NETWORK, **vpc})  # an update gives it no rule back
    groups = ec2.describe_security_groups(Filters=default)["SecurityGroups"]
    assert [group for group in groups if group["IpPermissions"]] == []
    with pytest.raises(ClientError, match="invalid"):
        ec2.create_vpc(CidrBlock="10.0.0.0/8/8")


def test_a_nat_gateway_uses_the_address_and_keeps_its_id_when_only_tags_change(
    account: Account,
) -> None:
    outputs: dict[str, Any] = {
        "Nat": {"Ref": "Nat"},
        "Ip": {"Ref": "Address"},
        "Range": {"Fn::GetAtt": "Vpc.CidrBlock"},
    }
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


def rules(description: str, port: str) -> dict[str, Any]:
    def group(text: str) -> dict[str, Any]:
        properties = {"GroupDescription": text, "VpcId": {"Ref": "Vpc"}}
        return {"Type": "AWS::EC2::SecurityGroup", "Properties": properties}

    tcp = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "Description": description}
    return {
        **NETWORK,
        "Functions": group("functions"),
        "Endpoints": group("endpoints"),
        "In": {
            "Type": "AWS::EC2::SecurityGroupIngress",
            "Properties": {
                "GroupId": {"Ref": "Endpoints"},
                "SourceSecurityGroupId": {"Ref": "Functions"},
                **tcp,
            },
        },
        **{
            name: {
                "Type": "AWS::EC2::SecurityGroupEgress",
                "Properties": {"GroupId": {"Ref": "Functions"}, **tcp, **peer},
            }
            for name, peer in {
                "OutV4": {"CidrIp": "10.1.0.0/16"},
                "OutV6": {"CidrIpv6": "::/0"},
                "OutList": {"DestinationPrefixListId": "pl-63a5400a"},
            }.items()
        },
    }


@pytest.mark.slow
def test_single_rules_are_added_described_anew_replaced_and_removed(account: Account) -> None:
    outputs = {"Group": {"Ref": "Endpoints"}, "Other": {"Ref": "Functions"}, "In": {"Ref": "In"}}
    first = account.deploy("net", rules("https", "443"), outputs=outputs)
    assert first["StackStatus"] == "CREATE_COMPLETE", account.reasons("net")
    described = account.deploy("net", rules("TLS", "443"), outputs=outputs)
    assert described["Outputs"] == first["Outputs"], account.reasons("net")
    group = first["Outputs"]["Group"]

    def ingress() -> list[tuple[int, str, str]]:
        found = account.client("ec2").describe_security_groups(GroupIds=[group])
        return [
            (rule["FromPort"], pair["GroupId"], pair["Description"])
            for rule in found["SecurityGroups"][0]["IpPermissions"]
            for pair in rule["UserIdGroupPairs"]
        ]

    other = first["Outputs"]["Other"]
    assert ingress() == [(443, other, "TLS")]
    moved = account.deploy("net", rules("TLS", "8443"), outputs=outputs)
    assert moved["Outputs"]["In"] != first["Outputs"]["In"]
    assert ingress() == [(8443, other, "TLS")]
    account.deploy("net", {k: v for k, v in rules("TLS", "8443").items() if k != "In"})
    assert ingress() == []
    assert account.delete("net")["StackStatus"] == "DELETE_COMPLETE"


def flow_log(**tags: str) -> dict[str, Any]:
    return {
        **NETWORK,
        "Log": {
            "Type": "AWS::EC2::FlowLog",
            "Properties": {
                "ResourceId": {"Ref": "Vpc"},
                "ResourceType": "VPC",
                "TrafficType": "REJECT",
                "LogGroupName": "flow",
                "MaxAggregationInterval": "60",
                "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
            },
        },
    }


def test_a_flow_log_keeps_its_id_when_only_tags_change(account: Account) -> None:
    outputs = {"Log": {"Ref": "Log"}}
    first = account.deploy("net", flow_log(a="1", b="1"), outputs=outputs)
    second = account.deploy("net", flow_log(a="2"), outputs=outputs)
    (log,) = account.client("ec2").describe_flow_logs()["FlowLogs"]
    tags = {tag["Key"]: tag["Value"] for tag in log["Tags"] if not tag["Key"].startswith("aws:")}
    assert first["Outputs"] == second["Outputs"] == {"Log": log["FlowLogId"]}
    assert (log["TrafficType"], tags) == ("REJECT", {"a": "2"})
    assert account.delete("net")["StackStatus"] == "DELETE_COMPLETE"
    assert account.client("ec2").describe_flow_logs()["FlowLogs"] == []


def test_an_endpoint_tells_its_policy_and_its_groups(account: Account) -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
        ],
    }
    service = {"VpcId": {"Ref": "Vpc"}, "ServiceName": "com.amazonaws.us-east-1.s3"}
    resources = {
        **NETWORK,
        "Limited": {
            "Type": "AWS::EC2::VPCEndpoint",
            "Properties": {
                **service,
                "PolicyDocument": policy,
                "SecurityGroupIds": ["sg-1"],
                "PrivateDnsEnabled": True,
            },
        },
        "Open": {"Type": "AWS::EC2::VPCEndpoint", "Properties": service},
    }
    outputs = {name: {"Ref": name} for name in ("Limited", "Open")}
    made = account.deploy("net", resources, outputs=outputs)["Outputs"]
    found = {
        endpoint["VpcEndpointId"]: endpoint
        for endpoint in account.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    }
    limited, everything = found[made["Limited"]], found[made["Open"]]
    assert json.loads(limited["PolicyDocument"]) == policy
    assert [group["GroupId"] for group in limited["Groups"]] == ["sg-1"]
    assert limited["PrivateDnsEnabled"] is True
    assert json.loads(everything["PolicyDocument"])["Statement"][0]["Action"] == "*"


def test_a_private_nat_gateway_has_no_address(account: Account) -> None:
    gateway = {
        "Type": "AWS::EC2::NatGateway",
        "Properties": {"SubnetId": {"Ref": "Subnet"}, "ConnectivityType": "private"},
    }
    account.deploy("net", {**NETWORK, "Nat": gateway})
    (found,) = account.client("ec2").describe_nat_gateways()["NatGateways"]
    assert found["NatGatewayAddresses"] == []


def test_an_address_is_found_by_itself_and_goes_alone(account: Account) -> None:
    resources = {
        name: {"Type": "AWS::EC2::EIP", "Properties": {"Tags": tagged(name)}}
        for name in ("One", "Two")
    }
    outputs = {"One": {"Ref": "One"}, "Two": {"Ref": "Two"}}
    made = account.deploy("net", resources, outputs=outputs)["Outputs"]
    ec2 = account.client("ec2")
    for name in ("Two", "One"):
        (found,) = ec2.describe_addresses(PublicIps=[made[name]])["Addresses"]
        assert found["PublicIp"] == made[name]
        assert {"Key": "Name", "Value": name} in found["Tags"]
    assert len(ec2.describe_addresses(PublicIps=[made["Two"], made["One"]])["Addresses"]) == 2
    account.deploy("net", {"One": resources["One"]}, outputs={"One": {"Ref": "One"}})
    assert [one["PublicIp"] for one in ec2.describe_addresses()["Addresses"]] == [made["One"]]
    with pytest.raises(ClientError) as error:
        ec2.describe_addresses(PublicIps=[made["Two"]])
    assert error.value.response["Error"] == {
        "Code": "InvalidAddress.NotFound",
        "Message": f"Address '{made['Two']}' not found.",
    }
