"""The network: VPC, subnets, routes, NAT, endpoints, flow logs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from tapgen.aws.readers.values import NotRead, Properties, Whole, only, renamed, tags
from tapgen.aws.resources.retained import Region
from tapgen.aws.resources.tags import pairs

_FLOW_LOG: Final = {
    name: name
    for name in (
        "DeliverLogsPermissionArn",
        "LogDestinationType",
        "LogGroupName",
        "MaxAggregationInterval",
        "ResourceId",
        "TrafficType",
    )
}
_ROUTE: Final = {name: name for name in ("DestinationCidrBlock", "GatewayId", "NatGatewayId")}
_ENDPOINT: Final = {
    name: name for name in ("PrivateDnsEnabled", "ServiceName", "VpcEndpointType", "VpcId")
}


def vpc(region: Region, vpc_id: str, declared: Mapping[str, Any]) -> Properties:
    """`NatGateways` is the number of those that are in use or about to be."""
    client = region.client("ec2")
    found = only(client.describe_vpcs(VpcIds=[vpc_id])["Vpcs"])
    gateways = client.describe_nat_gateways(
        Filters=[
            {"Name": "vpc-id", "Values": [vpc_id]},
            {"Name": "state", "Values": ["pending", "available"]},
        ]
    )["NatGateways"]
    dns = {
        f"E{name[1:]}": client.describe_vpc_attribute(VpcId=vpc_id, Attribute=name)
        for name in ("enableDnsHostnames", "enableDnsSupport")
    }
    return {
        "CidrBlock": found["CidrBlock"],
        **{name: answer[name]["Value"] for name, answer in dns.items()},
        "DefaultSecurityGroup": _default_group(region, vpc_id),
        "NatGateways": len(gateways),
        "Tags": _tags(found, declared),
    }


def _default_group(region: Region, vpc_id: str) -> Properties:
    """The security group that EC2 creates with a VPC, which allows traffic between its members.

    A stack cannot remove its rules: CloudFormation's resources for rules only add to a group, and a
    VPC has no property for them. They have no effect while nothing uses the group.
    """
    client = region.client("ec2")
    of_vpc = {"Name": "vpc-id", "Values": [vpc_id]}
    group = only(
        client.describe_security_groups(
            Filters=[of_vpc, {"Name": "group-name", "Values": ["default"]}]
        )["SecurityGroups"]
    )["GroupId"]
    within = {"Name": "group-id", "Values": [group]}
    interfaces = client.describe_network_interfaces(Filters=[within])["NetworkInterfaces"]
    rules = client.describe_security_group_rules(Filters=[within])["SecurityGroupRules"]
    return {"Interfaces": len(interfaces), "Rules": _rules_of_ec2(region, group, rules)}


def _rules_of_ec2(region: Region, group: str, rules: list[Mapping[str, Any]]) -> NotRead | int:
    if not rules:
        return 0
    commands = []
    for egress, direction in ((False, "ingress"), (True, "egress")):
        ids = " ".join(r["SecurityGroupRuleId"] for r in rules if r["IsEgress"] is egress)
        if ids:
            revoke = f"ec2 revoke-security-group-{direction} --group-id {group}"
            commands.append(f"`{region.cli(f'{revoke} --security-group-rule-ids {ids}')}`")
    count = f"{len(rules)} default rule{'s' * (len(rules) != 1)}"
    told = f"{group} has {count}, without effect while nothing uses the group"
    away = f"{' and '.join(commands)} {'remove' if len(commands) > 1 else 'removes'} them"
    return NotRead(told, f"no template can empty a VPC's default security group: {away}")


def subnet(region: Region, subnet_id: str, declared: Mapping[str, Any]) -> Properties:
    found = only(region.client("ec2").describe_subnets(SubnetIds=[subnet_id])["Subnets"])
    names = ("AvailabilityZone", "AvailabilityZoneId", "CidrBlock", "MapPublicIpOnLaunch", "VpcId")
    return {**{name: found[name] for name in names}, "Tags": _tags(found, declared)}


def internet_gateway(region: Region, gateway_id: str, declared: Mapping[str, Any]) -> Properties:
    answer = region.client("ec2").describe_internet_gateways(InternetGatewayIds=[gateway_id])
    return {"Tags": _tags(only(answer["InternetGateways"]), declared)}


def gateway_attachment(region: Region, _: str, declared: Mapping[str, Any]) -> Properties:
    gateway_id = declared["InternetGatewayId"]
    answer = region.client("ec2").describe_internet_gateways(InternetGatewayIds=[gateway_id])
    attached = only(only(answer["InternetGateways"])["Attachments"])
    return {"InternetGatewayId": gateway_id, "VpcId": attached["VpcId"]}


def address(region: Region, public_ip: str, declared: Mapping[str, Any]) -> Properties:
    found = only(region.client("ec2").describe_addresses(PublicIps=[public_ip])["Addresses"])
    return {"Domain": found["Domain"], "Tags": _tags(found, declared)}


def nat_gateway(region: Region, gateway_id: str, declared: Mapping[str, Any]) -> Properties:
    answer = region.client("ec2").describe_nat_gateways(NatGatewayIds=[gateway_id])
    found = only(answer["NatGateways"])
    addresses = found["NatGatewayAddresses"]  # none for a private one, or if it was released
    return {
        "SubnetId": found["SubnetId"],
        **({"AllocationId": addresses[0]["AllocationId"]} if addresses else {}),
        "State": found["State"],
        "Tags": _tags(found, declared),
    }


def route_table(region: Region, table_id: str, declared: Mapping[str, Any]) -> Properties:
    found = _route_table(region, RouteTableIds=[table_id])
    return {"VpcId": found["VpcId"], "Tags": _tags(found, declared)}


def route(region: Region, _: str, declared: Mapping[str, Any]) -> Properties:
    table_id, destination = declared["RouteTableId"], declared["DestinationCidrBlock"]
    routes = _route_table(region, RouteTableIds=[table_id])["Routes"]
    found = [entry for entry in routes if entry.get("DestinationCidrBlock") == destination]
    return {"RouteTableId": table_id, **renamed(only(found), _ROUTE)}


def route_table_association(region: Region, name: str, _: Mapping[str, Any]) -> Properties:
    condition = {"Name": "association.route-table-association-id", "Values": [name]}
    associations = _route_table(region, Filters=[condition])["Associations"]
    found = [entry for entry in associations if entry["RouteTableAssociationId"] == name]
    return {key: only(found)[key] for key in ("RouteTableId", "SubnetId")}


def endpoint(region: Region, endpoint_id: str, declared: Mapping[str, Any]) -> Properties:
    answer = region.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[endpoint_id])
    found = only(answer["VpcEndpoints"])
    return {
        **renamed(found, _ENDPOINT),
        "PolicyDocument": Whole(json.loads(found["PolicyDocument"])),
        "RouteTableIds": found.get("RouteTableIds", []),
        "SecurityGroupIds": [group["GroupId"] for group in found.get("Groups", [])],
        "SubnetIds": found.get("SubnetIds", []),
        "Tags": _tags(found, declared),
    }


def flow_log(region: Region, flow_log_id: str, declared: Mapping[str, Any]) -> Properties:
    answer = region.client("ec2").describe_flow_logs(FlowLogIds=[flow_log_id])
    found = only(answer["FlowLogs"])
    return {**renamed(found, _FLOW_LOG), "Tags": _tags(found, declared)}


def security_group(region: Region, group_id: str, declared: Mapping[str, Any]) -> Properties:
    answer = region.client("ec2").describe_security_groups(GroupIds=[group_id])
    found = only(answer["SecurityGroups"])
    return {
        "GroupDescription": found["Description"],
        "VpcId": found["VpcId"],
        "SecurityGroupIngress": _rules(found["IpPermissions"], "SourceSecurityGroupId"),
        "SecurityGroupEgress": _rules(found["IpPermissionsEgress"], "DestinationSecurityGroupId"),
        "Tags": _tags(found, declared),
    }


def _rules(permissions: list[Mapping[str, Any]], group_property: str) -> list[Properties]:
    """One rule per peer, as in templates; EC2 groups the peers of a port range."""
    peers = {
        "IpRanges": ("CidrIp", "CidrIp"),
        "Ipv6Ranges": ("CidrIpv6", "CidrIpv6"),
        "PrefixListIds": ("PrefixListId", "PrefixListId"),
        "UserIdGroupPairs": ("GroupId", group_property),
    }
    return [
        {
            "IpProtocol": permission["IpProtocol"],
            "FromPort": permission.get("FromPort"),
            "ToPort": permission.get("ToPort"),
            "Description": peer.get("Description"),
            name: peer[key],
        }
        for permission in permissions
        for kind, (key, name) in peers.items()
        for peer in permission.get(kind, [])
    ]


def _route_table(region: Region, **which: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = only(
        region.client("ec2").describe_route_tables(**which)["RouteTables"]
    )
    return found


def _tags(found: Mapping[str, Any], declared: Mapping[str, Any]) -> list[dict[str, str]]:
    return tags(pairs(found.get("Tags", [])), declared)
