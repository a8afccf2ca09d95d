from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

import pytest

from tapgen.payments.limits import INTERFACE_ENDPOINTS


def of_type(resources: Any, kind: str) -> dict[str, Any]:
    return {
        name: resource["Properties"]
        for name, resource in resources.items()
        if resource["Type"] == kind
    }


@pytest.mark.parametrize(("environment", "zones"), [("dev", 2), ("staging", 2), ("prod", 3)])
def test_subnets_over_the_zones(see: Any, environment: str, zones: int) -> None:
    seen = see("network", environment)
    subnets = of_type(seen.resources, "AWS::EC2::Subnet")
    assert len(subnets) == 2 * zones
    assert not any(subnet["MapPublicIpOnLaunch"] for subnet in subnets.values())
    for kind in ("Private", "Public"):
        used = {str(subnets[f"{kind}Subnet{n}"]["AvailabilityZone"]) for n in range(1, zones + 1)}
        assert len(used) == zones
    tables = of_type(seen.resources, "AWS::EC2::RouteTable")
    assert len(tables) == 1 + zones  # one public, and one private a zone
    routes = of_type(seen.resources, "AWS::EC2::SubnetRouteTableAssociation")
    assert str(routes["PrivateSubnet2Routes"]["RouteTableId"]) == "{PrivateRouteTable2}"
    assert str(routes["PublicSubnet2Routes"]["RouteTableId"]) == "{PublicRouteTable}"


@pytest.mark.parametrize("block", ["10.0.0.0/16", "10.9.8.0/22"])
def test_subnets_are_disjoint_parts_of_the_vpc(see: Any, block: str) -> None:
    seen = see("network", "prod", VpcCidr=block)
    blocks = [
        IPv4Network(subnet["CidrBlock"])
        for subnet in of_type(seen.resources, "AWS::EC2::Subnet").values()
    ]
    assert len(set(blocks)) == 6
    assert all(subnet.subnet_of(IPv4Network(block)) for subnet in blocks)
    assert not any(a.overlaps(b) for a in blocks for b in blocks if a != b)
    assert seen.resources["Vpc"]["Properties"]["CidrBlock"] == block


def test_a_third_zone_moves_no_subnet(see: Any) -> None:
    two = of_type(see("network", AvailabilityZones="2").resources, "AWS::EC2::Subnet")
    three = of_type(see("network", AvailabilityZones="3").resources, "AWS::EC2::Subnet")
    assert two.items() <= three.items()


@pytest.mark.parametrize(
    ("mode", "zones", "gateways"),
    [
        ("none", "2", [None, None]),
        ("none", "3", [None, None, None]),
        ("single", "2", ["{NatGateway1}"] * 2),
        ("single", "3", ["{NatGateway1}"] * 3),
        ("per-az", "2", ["{NatGateway1}", "{NatGateway2}"]),
        ("per-az", "3", ["{NatGateway1}", "{NatGateway2}", "{NatGateway3}"]),
    ],
)
def test_nat_by_mode(see: Any, mode: str, zones: str, gateways: list[str | None]) -> None:
    seen = see("network", NatMode=mode, AvailabilityZones=zones)
    routes = of_type(seen.resources, "AWS::EC2::Route")
    ways_out = [
        str(routes[name]["NatGatewayId"]) if name in routes else None
        for name in (f"PrivateDefaultRoute{zone}" for zone in range(1, int(zones) + 1))
    ]
    assert ways_out == gateways
    nats = of_type(seen.resources, "AWS::EC2::NatGateway")
    assert {f"{{{name}}}" for name in nats} == {gateway for gateway in gateways if gateway}
    assert len(of_type(seen.resources, "AWS::EC2::EIP")) == len(nats)
    for name, nat in nats.items():
        zone = name[-1]
        assert str(nat["AllocationId"]) == f"{{NatAddress{zone}.AllocationId}}"
        assert str(nat["SubnetId"]) == f"{{PublicSubnet{zone}}}"


@pytest.mark.parametrize("zone", [1, 2, 3])
def test_nat_addresses_come_after_the_internet_gateway(template: Any, zone: int) -> None:
    address = template("network")["Resources"][f"NatAddress{zone}"]
    assert address["DependsOn"] == "InternetGatewayAttachment"


def test_no_nat_in_dev(see: Any) -> None:  # twelve things, 8
    assert not of_type(see("network", "dev").resources, "AWS::EC2::NatGateway")


def test_public_subnets_reach_the_internet_gateway(template: Any) -> None:
    resources = template("network")["Resources"]
    assert resources["PublicDefaultRoute"]["Properties"]["GatewayId"] == {"Ref": "InternetGateway"}
    assert resources["PublicDefaultRoute"]["Condition"] == "HasNat"
    assert resources["PublicDefaultRoute"]["DependsOn"] == "InternetGatewayAttachment"
    assert resources["InternetGatewayAttachment"]["Properties"] == {
        "VpcId": {"Ref": "Vpc"},
        "InternetGatewayId": {"Ref": "InternetGateway"},
    }
    vpc = resources["Vpc"]["Properties"]
    # Endpoints have private names.
    assert (vpc["EnableDnsSupport"], vpc["EnableDnsHostnames"]) == (True, True)


@pytest.mark.parametrize("name", ["DynamoDbEndpoint", "S3Endpoint"])
def test_gateway_endpoints_serve_every_private_route_table(see: Any, name: str) -> None:
    endpoint = see("network", "prod").resources[name]["Properties"]
    assert endpoint["VpcEndpointType"] == "Gateway"
    assert [str(table) for table in endpoint["RouteTableIds"]] == [
        f"{{PrivateRouteTable{zone}}}" for zone in (1, 2, 3)
    ]
    assert len(see("network", "dev").resources[name]["Properties"]["RouteTableIds"]) == 2


def test_zones_are_the_accounts_first_or_those_that_are_named(see: Any) -> None:
    """By id, because us-east-1a is another zone in another account."""
    subnets = of_type(see("network", "prod").resources, "AWS::EC2::Subnet")
    assert not any("AvailabilityZoneId" in subnet for subnet in subnets.values())
    named = see("network", "prod", ZoneIds="use1-az6,use1-az2,use1-az1").resources
    subnets = of_type(named, "AWS::EC2::Subnet")
    assert not any("AvailabilityZone" in subnet for subnet in subnets.values())
    assert {name: subnet["AvailabilityZoneId"] for name, subnet in subnets.items()} == {
        f"{kind}Subnet{number}": zone
        for kind in ("Private", "Public")
        for number, zone in ((1, "use1-az6"), (2, "use1-az2"), (3, "use1-az1"))
    }


ALL = dict.fromkeys(("ReachKms", "ReachLogs", "ReachSqs", "ReachSts", "ReachXRay"), "true")


def test_interface_endpoints_cost_so_none_is_there_unless_asked_for(see: Any) -> None:
    for environment in ("dev", "staging", "prod"):
        endpoints = of_type(see("network", environment).resources, "AWS::EC2::VPCEndpoint")
        assert endpoints.keys() == {"DynamoDbEndpoint", "S3Endpoint"}


def test_interface_endpoints_by_setting(see: Any, template: Any) -> None:
    everything = of_type(see("network", "dev", **ALL).resources, "AWS::EC2::VPCEndpoint")
    interfaces = [one for one in everything.values() if one["VpcEndpointType"] == "Interface"]
    assert {one["ServiceName"].rpartition(".")[2] for one in interfaces} == set(INTERFACE_ENDPOINTS)
    for endpoint in interfaces:
        assert endpoint["PrivateDnsEnabled"]
        assert [str(group) for group in endpoint["SecurityGroupIds"]] == ["{EndpointSecurityGroup}"]
        assert [str(subnet) for subnet in endpoint["SubnetIds"]] == [
            "{PrivateSubnet1}",
            "{PrivateSubnet2}",
        ]
    some = see("network", "dev", **{**ALL, "ReachSts": "false", "ReachXRay": "false"}).resources
    assert everything.keys() - some.keys() == {"StsEndpoint", "XRayEndpoint"}
    settings = template("network")["Metadata"]["tapgen"]["Settings"]
    assert settings["ReachLogs"] == "network.interface_endpoints.logs"


def test_endpoint_policies_name_actions_and_the_account(see: Any) -> None:
    endpoints = of_type(see("network", "dev", **ALL).resources, "AWS::EC2::VPCEndpoint")
    assert len(endpoints) == 7
    for endpoint in endpoints.values():
        (statement,) = endpoint["PolicyDocument"]["Statement"]
        assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "111111111111"}}
        assert all("*" not in action for action in statement["Action"])
    dynamodb = endpoints["DynamoDbEndpoint"]["PolicyDocument"]["Statement"][0]
    assert dynamodb["Resource"] == ["arn:aws:dynamodb:eu-west-1:111111111111:table/payments-dev-*"]
    bucket = endpoints["S3Endpoint"]["PolicyDocument"]["Statement"][0]
    assert bucket["Resource"] == ["arn:aws:s3:::payments-dev-*"]


def test_lambda_security_group_lets_https_out_and_nothing_in(template: Any) -> None:
    group = template("network")["Resources"]["LambdaSecurityGroup"]["Properties"]
    (rule,) = group["SecurityGroupEgress"]
    assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", 443, 443)
    assert "SecurityGroupIngress" not in group


def test_endpoint_security_group_admits_443_from_the_lambda_group_only(
    template: Any,
) -> None:  # twelve things, 2
    group = template("network")["Resources"]["EndpointSecurityGroup"]["Properties"]
    (rule,) = group["SecurityGroupIngress"]
    assert rule.pop("Description")
    assert rule == {
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
        "SourceSecurityGroupId": {"Ref": "LambdaSecurityGroup"},
    }
    (way_out,) = group["SecurityGroupEgress"]
    assert (way_out["IpProtocol"], way_out["CidrIp"]) == ("tcp", "127.0.0.1/32")


def test_flow_logs_of_all_traffic_with_their_own_key(see: Any) -> None:
    resources = see("network", "prod").resources
    log = resources["FlowLog"]["Properties"]
    assert (log["ResourceType"], log["TrafficType"]) == ("VPC", "ALL")
    assert (str(log["ResourceId"]), str(log["LogGroupName"])) == ("{Vpc}", "{FlowLogGroup}")
    group = resources["FlowLogGroup"]["Properties"]
    assert group["LogGroupName"] == "/aws/vpc/payments-prod-flow-logs"
    assert group["RetentionInDays"] == "400"
    assert group["DeletionProtectionEnabled"] is True
    assert str(group["KmsKeyId"]) == "{Key.Arn}"
    assert resources["KeyAlias"]["Properties"]["AliasName"] == "alias/payments-prod-network"


def test_flow_log_role_writes_one_group_for_this_account(see: Any) -> None:
    role = see("network", "dev").resources["FlowLogRole"]["Properties"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111111111111"},
        "ArnLike": {"aws:SourceArn": "arn:aws:ec2:eu-west-1:111111111111:vpc-flow-log/*"},
    }
    write, find = role["Policies"][0]["PolicyDocument"]["Statement"]
    assert [str(resource) for resource in write["Resource"]] == ["{FlowLogGroup.Arn}"]
    assert find["Action"] == ["logs:DescribeLogGroups"]


@pytest.mark.parametrize("kind", ["Private", "Public"])
def test_subnet_ids_are_joined_by_commas(template: Any, kind: str) -> None:
    value = template("network")["Outputs"][f"{kind}SubnetIds"]["Value"]
    ids = [{"Ref": f"{kind}Subnet{zone}"} for zone in (1, 2, 3)]
    joined = [{"Fn::Join": [",", ids]}, {"Fn::Join": [",", ids[:2]]}]
    assert value == {"Fn::If": ["HasThirdZone", *joined]}
