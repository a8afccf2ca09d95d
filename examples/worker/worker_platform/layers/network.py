"""The network layer: a VPC without internet access. A gateway endpoint leads to S3.

There are two private subnets in two availability zones, as an RDS subnet group requires. The worker
opens connections to the database and to S3. Nothing may connect to the worker.
"""

from __future__ import annotations

from typing import Any, Final

from tapgen.render.blueprint import Blueprint
from troposphere import Cidr, GetAZs, Join, Ref, Select, Sub, Tags
from troposphere.ec2 import (
    VPC,
    RouteTable,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
    SubnetRouteTableAssociation,
    VPCEndpoint,
)

from worker_platform.settings import CIDR

ZONES: Final = (1, 2)
_HOST_BITS: Final = 8  # a /24 for each subnet
_HTTPS: Final = 443
_POSTGRESQL: Final = 5432


def build() -> Blueprint:
    """VPC, subnets, security groups."""
    blueprint = Blueprint("network", "VPC, private subnets, security groups.")
    cidr = blueprint.text("VpcCidr", "network.cidr", "IPv4 range of the VPC.", pattern=CIDR)
    vpc = blueprint.add(
        VPC(
            "Vpc",
            CidrBlock=cidr,
            EnableDnsHostnames=True,
            EnableDnsSupport=True,
            Tags=Tags(Name=blueprint.prefix()),
        )
    )
    table = blueprint.add(RouteTable("PrivateRoutes", VpcId=Ref(vpc)))
    subnets = [_add_subnet(blueprint, zone, cidr, Ref(table)) for zone in ZONES]
    blueprint.add(
        VPCEndpoint(
            "S3Endpoint",
            VpcId=Ref(vpc),
            ServiceName=Sub("com.amazonaws.${AWS::Region}.s3"),
            VpcEndpointType="Gateway",
            RouteTableIds=[Ref(table)],
        )
    )
    _add_security_groups(blueprint, cidr)
    blueprint.output("PrivateSubnetIds", Join(",", subnets), "Private subnets, comma-separated.")
    blueprint.output("WorkerSecurityGroupId", Ref("WorkerGroup"), "Worker's security group.")
    blueprint.output("DatabaseSecurityGroupId", Ref("DatabaseGroup"), "Database's security group.")
    return blueprint.finish()


def _add_subnet(blueprint: Blueprint, zone: int, cidr: Any, table: Ref) -> Ref:
    subnet = blueprint.add(
        Subnet(
            f"PrivateSubnet{zone}",
            VpcId=Ref("Vpc"),
            AvailabilityZone=Select(zone - 1, GetAZs("")),
            CidrBlock=Select(zone - 1, Cidr(cidr, len(ZONES), _HOST_BITS)),
            MapPublicIpOnLaunch=False,
            Tags=Tags(Name=Sub(f"${{Prefix}}-private-{zone}")),
        )
    )
    blueprint.add(
        SubnetRouteTableAssociation(
            f"PrivateSubnet{zone}Routes", SubnetId=Ref(subnet), RouteTableId=table
        )
    )
    return Ref(subnet)


def _add_security_groups(blueprint: Blueprint, cidr: Any) -> None:
    worker = blueprint.add(
        SecurityGroup(
            "WorkerGroup",
            GroupDescription="Worker: out to the database and S3, nothing in.",
            VpcId=Ref("Vpc"),
            SecurityGroupEgress=[
                _port(_POSTGRESQL, "Database", CidrIp=cidr),
                # S3 has public addresses. The routes allow access to nothing else.
                _port(_HTTPS, "S3", CidrIp="0.0.0.0/0"),
            ],
        )
    )
    blueprint.add(
        SecurityGroup(
            "DatabaseGroup",
            GroupDescription="Database: in from the worker, nothing out.",
            VpcId=Ref("Vpc"),
            SecurityGroupIngress=[
                _port(_POSTGRESQL, "From the worker only", SourceSecurityGroupId=Ref(worker))
            ],
            # Without a rule, EC2 adds a default that allows all outbound traffic.
            SecurityGroupEgress=[_port(_HTTPS, "None: it only responds", CidrIp="127.0.0.1/32")],
        )
    )


def _port(port: int, description: str, **peer: Any) -> SecurityGroupRule:
    return SecurityGroupRule(
        Description=description, IpProtocol="tcp", FromPort=port, ToPort=port, **peer
    )
