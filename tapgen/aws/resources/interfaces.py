"""Network interfaces that Lambda made for functions in a VPC.

Lambda takes them back with the permissions of the function's role, minutes after the function went.
A stack deletes the role with the function, so they stay, and nothing that they are in can be
deleted. Who uses a VPC may then delete them, when they are `available`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import ClientError

from tapgen.aws.errors import code_of, explained
from tapgen.aws.resources.retained import Region

_DESCRIPTION: Final = "AWS Lambda VPC ENI-"
_AVAILABLE: Final = "available"
# Gone already, or taken into use again: the next look tells.
_MEANWHILE: Final = frozenset({"InvalidNetworkInterfaceID.NotFound", "InvalidParameterValue"})
HOLDERS: Final = {
    "AWS::EC2::SecurityGroup": "group-id",
    "AWS::EC2::Subnet": "subnet-id",
    "AWS::EC2::VPC": "vpc-id",
}
"""Type of what an interface keeps from being deleted -> the filter that finds what is in it."""


@dataclass(frozen=True)
class Interface:
    """One interface; `function` is the function that it was made for, with the end of its name."""

    identifier: str
    function: str
    available: bool


def of_functions(
    region: Region, prefix: str, holders: Mapping[str, Collection[str]]
) -> tuple[Interface, ...]:
    """The interfaces made for functions whose names begin with `prefix`, in any of the `holders`.

    Those are ids of VPCs, subnets and security groups, by the names of EC2's filters.
    """
    client = region.client("ec2")
    found: dict[str, Interface] = {}
    with explained("looking for network interfaces of functions"):
        for name, ids in holders.items():
            filters = [
                {"Name": "description", "Values": [f"{_DESCRIPTION}{prefix}*"]},
                {"Name": name, "Values": sorted(ids)},
            ]
            pages = client.get_paginator("describe_network_interfaces").paginate(Filters=filters)
            for one in (one for page in pages for one in page["NetworkInterfaces"]):
                identifier = one["NetworkInterfaceId"]
                function = one["Description"].removeprefix(_DESCRIPTION)
                found[identifier] = Interface(identifier, function, one["Status"] == _AVAILABLE)
    return tuple(found.values())


def delete(region: Region, interface: Interface) -> bool:
    """Delete an available interface; gives whether that worked, and not where it changed since."""
    with explained(f"deleting network interface {interface.identifier}"):
        try:
            region.client("ec2").delete_network_interface(NetworkInterfaceId=interface.identifier)
        except ClientError as error:
            if code_of(error) in _MEANWHILE:
                return False
            raise
    return True
