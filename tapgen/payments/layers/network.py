"""The network layer: VPC, subnets in two or three zones, NAT by mode, endpoints, flow logs.

Addresses: `Fn::Cidr` splits the VPC's range, which is /22 or larger, into /25 subnets (123 usable
addresses). Lambda shares network interfaces between executions, so a subnet needs few. Private
subnets use the first three blocks and public ones the next three, so a third zone moves no subnet.

Outbound access: `none` has only VPC endpoints, `single` one NAT gateway for all zones, `per-az` one
in each zone. Every zone has its own private route table in every mode, so changing the mode changes
only routes.

Security groups: functions may open connections to port 443, and nothing may connect to them. The
routes decide which addresses they reach, in every mode: DynamoDB and S3 have public addresses, also
through their gateway endpoints, and without NAT there is no other way out.

The layer has its own KMS key for the flow logs. It uses no outputs of other layers, so it cannot
use the data layer's key, and every log group is encrypted with a customer managed key.
"""

from __future__ import annotations

from typing import Final

from troposphere import Ref, Tags
from troposphere.ec2 import (
    VPC,
    InternetGateway,
    Route,
    RouteTable,
    SecurityGroup,
    SecurityGroupRule,
    VPCGatewayAttachment,
)

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.parts.data.keys import add_key, use_by_cloudwatch_logs
from tapgen.payments.layers.parts.logs.flow_logs import add_flow_logs
from tapgen.payments.layers.parts.logs.log_groups import LogGroups
from tapgen.payments.layers.parts.network.endpoints import add_endpoints
from tapgen.payments.layers.parts.network.subnets import (
    ZONES,
    add_private_zone,
    add_public_zone,
    declare_conditions,
    joined_ids,
)
from tapgen.payments.limits import CIDR
from tapgen.render.accepted import accepted, because

_HTTPS: Final = 443
_ANYWHERE: Final = "0.0.0.0/0"
_NOWHERE: Final = "127.0.0.1/32"


def build() -> Blueprint:
    """A VPC for the functions."""
    blueprint = Blueprint("network", "VPC, subnets, NAT, endpoints, security groups, flow logs.")
    mode = declare_conditions(blueprint)
    _add_vpc(blueprint)
    for zone in ZONES:
        add_public_zone(blueprint, zone)
        add_private_zone(blueprint, zone)
    _add_security_groups(blueprint)
    add_endpoints(blueprint)
    key_arn = add_key(
        blueprint, "Encrypts the VPC's flow logs.", "${Prefix}-network", [use_by_cloudwatch_logs()]
    )
    add_flow_logs(blueprint, LogGroups.of(blueprint, key_arn))
    _give_outputs(blueprint, mode)
    return blueprint.finish()


def _add_vpc(blueprint: Blueprint) -> None:
    cidr = blueprint.text("VpcCidr", "network.cidr", "IPv4 range of the VPC.", pattern=CIDR)
    name = Tags(Name=blueprint.prefix())
    vpc = blueprint.add(
        VPC("Vpc", CidrBlock=cidr, EnableDnsHostnames=True, EnableDnsSupport=True, Tags=name)
    )
    gateway = blueprint.add(InternetGateway("InternetGateway"))
    blueprint.add(
        VPCGatewayAttachment(
            "InternetGatewayAttachment", VpcId=Ref(vpc), InternetGatewayId=Ref(gateway)
        )
    )
    table = blueprint.add(RouteTable("PublicRouteTable", VpcId=Ref(vpc)))
    blueprint.add(
        Route(
            "PublicDefaultRoute",
            Condition="HasNat",  # without NAT, nothing in the VPC can reach the internet
            DependsOn="InternetGatewayAttachment",
            RouteTableId=Ref(table),
            DestinationCidrBlock=_ANYWHERE,
            GatewayId=Ref(gateway),
            Metadata=accepted(
                because(
                    "Only NAT gateways are in the public subnets, and they need the route.",
                    "NO_UNRESTRICTED_ROUTE_TO_IGW",
                )
            ),
        )
    )


def _add_security_groups(blueprint: Blueprint) -> None:
    functions = blueprint.add(
        SecurityGroup(
            "LambdaSecurityGroup",
            GroupDescription="Functions: HTTPS out, nothing in.",
            VpcId=Ref("Vpc"),
            SecurityGroupEgress=[_https("AWS APIs", CidrIp=_ANYWHERE)],
            Metadata=accepted(
                because(
                    "HTTPS only; AWS APIs have public addresses, and routes limit access.",
                    "EC2_SECURITY_GROUP_EGRESS_OPEN_TO_WORLD_RULE",
                )
            ),
        )
    )
    blueprint.add(
        SecurityGroup(
            "EndpointSecurityGroup",
            GroupDescription="VPC endpoints: HTTPS in from functions, nothing out.",
            VpcId=Ref("Vpc"),
            SecurityGroupIngress=[
                _https("From functions only", SourceSecurityGroupId=Ref(functions))
            ],
            # Without a rule, EC2 adds a default rule that allows all outbound traffic.
            SecurityGroupEgress=[_https("Nothing: endpoints only answer", CidrIp=_NOWHERE)],
        )
    )


def _https(description: str, **peer: object) -> SecurityGroupRule:
    return SecurityGroupRule(
        Description=description, IpProtocol="tcp", FromPort=_HTTPS, ToPort=_HTTPS, **peer
    )


def _give_outputs(blueprint: Blueprint, mode: Ref) -> None:
    blueprint.output("VpcId", Ref("Vpc"), "VPC of the environment.")
    blueprint.output("VpcCidr", Ref("VpcCidr"), "IPv4 range of the VPC.")
    blueprint.output("PrivateSubnetIds", joined_ids("Private"), "Private subnets, comma-separated.")
    blueprint.output("PublicSubnetIds", joined_ids("Public"), "Public subnets, comma-separated.")
    blueprint.output(
        "LambdaSecurityGroupId", Ref("LambdaSecurityGroup"), "Security group of the functions."
    )
    blueprint.output(
        "EndpointSecurityGroupId", Ref("EndpointSecurityGroup"), "Security group of the endpoints."
    )
    blueprint.output("NatMode", mode, "NAT mode in effect.")
