"""Network interfaces that Lambda created for functions in a VPC.

Lambda deletes them with the permissions of the function's role, minutes after the function was
deleted. A stack deletes the role with the function, so they stay, and the subnets and groups that
they are in cannot be deleted. The user of the VPC may delete them once they are `available`.
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
# Already deleted, or in use again: the next listing shows it.
_MEANWHILE: Final = frozenset({"InvalidNetworkInterfaceID.NotFound", "InvalidParameterValue"})
HOLDERS: Final = {
    "AWS::EC2::SecurityGroup": "group-id",
    "AWS::EC2::Subnet": "subnet-id",
    "AWS::EC2::VPC": "vpc-id",
}
"""Type that cannot be deleted while it has interfaces -> the filter for its interfaces."""


@dataclass(frozen=True)
class Interface:
    """One interface; `function` is the name of its function, with the suffix that Lambda adds."""

    identifier: str
    function: str
    available: bool


def of_functions(
    region: Region, prefix: str, holders: Mapping[str, Collection[str]]
) -> tuple[Interface, ...]:
    """The interfaces of functions whose names begin with `prefix`, in any of the `holders`.

    `holders` are ids of VPCs, subnets and security groups, by the names of EC2's filters.
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
    """Delete an available interface; False if it was deleted or used again meanwhile."""
    with explained(f"deleting network interface {interface.identifier}"):
        try:
            region.client("ec2").delete_network_interface(NetworkInterfaceId=interface.identifier)
        except ClientError as error:
            if code_of(error) in _MEANWHILE:
                return False
            raise
    return True
