"""VPC endpoints, through which functions in private subnets call AWS services, and their policies.

An endpoint's policy limits every caller in the VPC in addition to IAM: to named actions, to
principals of this account, and to the platform's own resources if the service has resources.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from awacs import dynamodb, kms, logs, s3, sqs, sts, xray
from awacs.aws import Allow, Condition, PolicyDocument, Principal, Statement, StringEquals
from troposphere import Ref, Sub
from troposphere.ec2 import VPCEndpoint

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.parts.iam.arns import ACCOUNT, arn, bucket_arn
from tapgen.payments.layers.parts.network.subnets import in_zones
from tapgen.payments.limits import GATEWAY_ENDPOINTS, INTERFACE_ENDPOINTS
from tapgen.render.accepted import accepted, because


class _Service(NamedTuple):
    """A service's title in logical ids, and the actions that its endpoint allows."""

    title: str
    actions: tuple[Any, ...]
    resource: Any = "*"


_GATEWAYS: Final = {
    "dynamodb": _Service(
        "DynamoDb",
        (
            dynamodb.DeleteItem,
            dynamodb.GetItem,
            dynamodb.PutItem,
            dynamodb.Query,
            dynamodb.UpdateItem,
        ),
        arn("dynamodb", "table/${Prefix}-*"),
    ),
    # Lambda downloads code outside the VPC. Functions may read and write their buckets.
    "s3": _Service("S3", (s3.GetObject, s3.PutObject), bucket_arn("${Prefix}-*")),
}
_INTERFACES: Final = {
    "logs": _Service(
        "Logs",
        (logs.CreateLogStream, logs.PutLogEvents),
        arn("logs", "log-group:/aws/lambda/${Prefix}-*"),
    ),
    "kms": _Service("Kms", (kms.Decrypt, kms.GenerateDataKey), arn("kms", "key/*")),
    "sqs": _Service("Sqs", (sqs.SendMessage,), arn("sqs", "${Prefix}-*")),
    # These two have no resources.
    "sts": _Service("Sts", (sts.GetCallerIdentity,)),
    "xray": _Service(
        "XRay",
        (
            xray.GetSamplingRules,
            xray.GetSamplingTargets,
            xray.PutTelemetryRecords,
            xray.PutTraceSegments,
        ),
    ),
}

_ACCEPTED: Final = accepted(
    because("Limited to this account; gateways accept no other principal.", "any-principal")
)


def add_endpoints(blueprint: Blueprint) -> None:
    """Add both gateway endpoints, and the interface endpoints that the setting lists."""
    for name in GATEWAY_ENDPOINTS:
        blueprint.add(_gateway(name, _GATEWAYS[name]))
    for name in INTERFACE_ENDPOINTS:
        service = _INTERFACES[name]
        blueprint.flag(
            f"Reach{service.title}",
            f"network.interface_endpoints.{name}",
            f"Whether {name} has an interface endpoint.",
        )
        blueprint.add(_interface(name, service))


def _gateway(name: str, service: _Service) -> VPCEndpoint:
    return VPCEndpoint(
        f"{service.title}Endpoint",
        Metadata=_ACCEPTED,
        VpcEndpointType="Gateway",
        ServiceName=_service_name(name),
        VpcId=Ref("Vpc"),
        RouteTableIds=in_zones(lambda zone: Ref(f"PrivateRouteTable{zone}")),
        PolicyDocument=_policy(service),
    )


def _interface(name: str, service: _Service) -> VPCEndpoint:
    return VPCEndpoint(
        f"{service.title}Endpoint",
        Condition=f"IsReach{service.title}",
        Metadata=_ACCEPTED,
        VpcEndpointType="Interface",
        ServiceName=_service_name(name),
        VpcId=Ref("Vpc"),
        PrivateDnsEnabled=True,
        SubnetIds=in_zones(lambda zone: Ref(f"PrivateSubnet{zone}")),
        SecurityGroupIds=[Ref("EndpointSecurityGroup")],
        PolicyDocument=_policy(service),
    )


def _service_name(name: str) -> Sub:
    return Sub(f"com.amazonaws.${{AWS::Region}}.{name}")


def _policy(service: _Service) -> PolicyDocument:
    """Endpoint policies limit principals by condition, because gateways accept no ARNs there."""
    return PolicyDocument(
        Version="2012-10-17",
        Statement=[
            Statement(
                Sid="OwnAccountOnly",
                Effect=Allow,
                Principal=Principal("AWS", ["*"]),
                Action=[*service.actions],
                Resource=[service.resource],
                Condition=Condition(StringEquals("aws:PrincipalAccount", ACCOUNT)),
            )
        ],
    )
