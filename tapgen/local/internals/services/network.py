"""EC2 responses from which MiniStack omits stored values."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import ec2

FULL_ACCESS = {
    "Version": "2008-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}
"""The default policy of an endpoint (PrivateLink guide)."""


def let_members_talk() -> None:
    """Add the rule to a new VPC's default security group that lets its members reach each other.

    VPC user guide, "Default security groups for your VPCs". MiniStack adds only the outbound rule.
    """
    create = ec2._ACTION_MAP["CreateVpc"]

    def creating(parameters: dict[str, Any]) -> Any:
        status, headers, body = create(parameters)
        if found := re.search(rb"<vpcId>([^<]+)</vpcId>", body):
            fill_default_group(found[1].decode())
        return status, headers, body

    ec2._ACTION_MAP["CreateVpc"] = creating


def fill_default_group(vpc: str) -> None:
    group = ec2._vpcs[vpc]["DefaultSecurityGroupId"]
    members = {"UserIdGroupPairs": [{"GroupId": group}], "IpProtocol": "-1"}
    ec2._security_groups[group]["IpPermissions"] = [
        {"IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [], **members}
    ]


def describe_endpoints_fully() -> None:
    """Let DescribeVpcEndpoints return policy, groups and private DNS."""
    fields = ec2._vpce_fields_xml

    def with_policy(endpoint: dict[str, Any], tag: str = "item") -> str:
        policy = endpoint.get("PolicyDocument") or FULL_ACCESS
        text = policy if isinstance(policy, str) else json.dumps(policy)
        groups = "".join(
            f"<item><groupId>{group}</groupId></item>"
            for group in endpoint.get("SecurityGroupIds", [])
        )
        private = str(endpoint.get("PrivateDnsEnabled", False)).lower()
        extra = (
            f"<policyDocument>{escape(text)}</policyDocument><groupSet>{groups}</groupSet>"
            f"<privateDnsEnabled>{private}</privateDnsEnabled>"
        )
        return str(fields(endpoint, tag)).removesuffix(f"</{tag}>") + f"{extra}</{tag}>"

    ec2._vpce_fields_xml = with_policy


def find_addresses() -> None:
    """Let DescribeAddresses filter by public addresses. MiniStack returns all."""
    describe = ec2._ACTION_MAP["DescribeAddresses"]

    def finding(parameters: dict[str, Any]) -> Any:
        status, headers, body = describe(parameters)
        wanted = ec2._parse_member_list(parameters, "PublicIp")
        if not wanted:
            return status, headers, body
        found = {match[1]: match[0] for match in _ADDRESS.finditer(body.decode())}
        if missing := [address for address in wanted if address not in found]:
            message = f"Address '{missing[0]}' not found."
            return ec2._error("InvalidAddress.NotFound", message, 400)
        kept = "".join(found[address] for address in wanted)
        return status, headers, _ADDRESSES.sub(lambda _: kept, body.decode()).encode()

    ec2._ACTION_MAP["DescribeAddresses"] = finding


_ADDRESSES = re.compile(r"(?<=<addressesSet>).*(?=</addressesSet>)", re.DOTALL)
# An address has its tags within.
_ADDRESS = re.compile(
    r"<item>\s*<allocationId>(?:(?!<allocationId>).)*?<publicIp>([^<]+)</publicIp>"
    r"(?:(?!<item>\s*<allocationId>|</addressesSet>).)*",
    re.DOTALL,
)


def describe_nat_addresses() -> None:
    """Let DescribeNatGateways return the address."""
    describe = ec2._ACTION_MAP["DescribeNatGateways"]

    def with_addresses(parameters: dict[str, Any]) -> Any:
        status, headers, body = describe(parameters)
        return status, headers, _NAT.sub(_with_address, body.decode()).encode()

    ec2._ACTION_MAP["DescribeNatGateways"] = with_addresses


_NAT = re.compile(r"<natGatewayId>([^<]+)</natGatewayId>.*?<natGatewayAddressSet/>", re.DOTALL)


def _with_address(match: re.Match[str]) -> str:
    allocation = ec2._nat_gateways[match[1]]["AllocationId"]
    address = ec2._addresses.get(allocation)
    if address is None:
        return match[0]
    return match[0].replace(
        "<natGatewayAddressSet/>",
        f"<natGatewayAddressSet><item><allocationId>{allocation}</allocationId>"
        f"<publicIp>{address['PublicIp']}</publicIp><isPrimary>true</isPrimary>"
        "<status>succeeded</status></item></natGatewayAddressSet>",
    )
