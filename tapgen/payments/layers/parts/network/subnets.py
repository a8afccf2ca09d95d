"""Subnets, route tables and NAT gateways in a VPC's zones.

The third zone exists if `HasThirdZone` is true. Names of resources have the zone's number, from 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from troposphere import (
    And,
    Cidr,
    Condition,
    Equals,
    GetAtt,
    GetAZs,
    If,
    Join,
    Not,
    NoValue,
    Ref,
    Select,
    Split,
    Sub,
    Tags,
)
from troposphere.ec2 import (
    EIP,
    NatGateway,
    Route,
    RouteTable,
    Subnet,
    SubnetRouteTableAssociation,
)

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.limits import AVAILABILITY_ZONES, NAT_MODES, ZONE_IDS

ZONES: Final = range(1, AVAILABILITY_ZONES.high + 1)
_ZONE_IDS: Final = "ZoneIds"
_HOST_BITS: Final = 7  # /25: six of them fit into the smallest VPC, a /22
_ANYWHERE: Final = "0.0.0.0/0"


def declare_conditions(blueprint: Blueprint) -> Ref:
    """Declare the parameters for zones and NAT. Returns the NAT mode's."""
    count = blueprint.number(
        "AvailabilityZones",
        "network.availability_zones",
        "Number of availability zones with subnets.",
        AVAILABILITY_ZONES,
    )
    mode = blueprint.choice(
        "NatMode",
        "network.nat",
        "NAT gateways: none, one for all zones, or one per zone.",
        NAT_MODES,
    )
    blueprint.optional_text(
        _ZONE_IDS, "network.zone_ids", "Ids of the availability zones.", pattern=ZONE_IDS
    )
    blueprint.condition("HasThirdZone", Equals(count, AVAILABILITY_ZONES.high))
    blueprint.condition("HasNat", Not(Equals(mode, "none")))
    blueprint.condition("HasNatPerZone", Equals(mode, "per-az"))
    for name in ("HasNat", "HasNatPerZone"):
        both = And(Condition(name), Condition("HasThirdZone"))
        blueprint.condition(f"{name}AndThirdZone", both)
    return mode


def add_public_zone(blueprint: Blueprint, zone: int) -> None:
    """Add a public subnet, and its NAT gateway if the mode has one in this zone."""
    subnet = _add_subnet(blueprint, "Public", zone, Ref("PublicRouteTable"))
    here = {"Condition": "HasNat"} if zone == ZONES[0] else _where(zone, "HasNatPerZone")
    # The address needs an attached internet gateway, and must be released before it is detached.
    attached = {"DependsOn": "InternetGatewayAttachment"}
    blueprint.add(EIP(f"NatAddress{zone}", Domain="vpc", **attached, **here))
    blueprint.add(
        NatGateway(
            f"NatGateway{zone}",
            AllocationId=GetAtt(f"NatAddress{zone}", "AllocationId"),
            SubnetId=Ref(subnet),
            **here,
        )
    )


def add_private_zone(blueprint: Blueprint, zone: int) -> None:
    """Add a private subnet with its own route table, and the mode's default route."""
    table = blueprint.add(RouteTable(f"PrivateRouteTable{zone}", VpcId=Ref("Vpc"), **_where(zone)))
    _add_subnet(blueprint, "Private", zone, Ref(table))
    first, own = Ref(f"NatGateway{ZONES[0]}"), Ref(f"NatGateway{zone}")
    blueprint.add(
        Route(
            f"PrivateDefaultRoute{zone}",
            RouteTableId=Ref(table),
            DestinationCidrBlock=_ANYWHERE,
            NatGatewayId=first if zone == ZONES[0] else If("HasNatPerZone", own, first),
            **_where(zone, "HasNat"),
        )
    )


def in_zones(reference: Callable[[int], Any]) -> list[Any]:
    """One value for each zone, for a list property."""
    *always, third = map(reference, ZONES)
    return [*always, If("HasThirdZone", third, NoValue)]


def joined_ids(kind: str) -> If:
    """The ids of the subnets of a kind ("Private", "Public"), joined by commas."""
    ids = [Ref(f"{kind}Subnet{zone}") for zone in ZONES]
    return If("HasThirdZone", Join(",", ids), Join(",", ids[:-1]))


def _add_subnet(blueprint: Blueprint, kind: str, zone: int, table: Ref) -> Subnet:
    block = zone - 1 if kind == "Private" else zone - 1 + len(ZONES)
    subnet: Subnet = blueprint.add(
        Subnet(
            f"{kind}Subnet{zone}",
            VpcId=Ref("Vpc"),
            AvailabilityZone=If(f"Has{_ZONE_IDS}", NoValue, Select(zone - 1, GetAZs(""))),
            AvailabilityZoneId=If(
                f"Has{_ZONE_IDS}", Select(zone - 1, Split(",", Ref(_ZONE_IDS))), NoValue
            ),
            CidrBlock=Select(block, Cidr(Ref("VpcCidr"), 2 * len(ZONES), _HOST_BITS)),
            MapPublicIpOnLaunch=False,
            Tags=Tags(Name=Sub(f"${{Prefix}}-{kind.lower()}-{zone}")),
            **_where(zone),
        )
    )
    blueprint.add(
        SubnetRouteTableAssociation(
            f"{kind}Subnet{zone}Routes", SubnetId=Ref(subnet), RouteTableId=table, **_where(zone)
        )
    )
    return subnet


def _where(zone: int, also: str = "") -> dict[str, str]:
    """The condition of a zone's resource."""
    if zone < ZONES[-1]:
        return {"Condition": also} if also else {}
    return {"Condition": f"{also}AndThirdZone" if also else "HasThirdZone"}
