"""A function's role: what Lambda needs to run it, and the calls of its code. No managed policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from awacs import ec2, kms, logs, sqs, xray
from awacs.aws import (
    ArnEquals,
    Condition,
    Deny,
    Statement,
    StringEquals,
)

from tapgen.payments.layers.parts.iam.arns import arn, regional_service
from tapgen.payments.layers.parts.iam.service_role import allow, service_role

if TYPE_CHECKING:
    from troposphere.iam import Role

# Actions that Lambda needs to attach a function to a VPC (developer guide, "VPC networking").
_CHANGE_INTERFACES: Final = (
    ec2.AssignPrivateIpAddresses,
    ec2.DeleteNetworkInterface,
    ec2.UnassignPrivateIpAddresses,
)
_SEE_INTERFACES: Final = (ec2.DescribeNetworkInterfaces, ec2.DescribeSubnets)
_INTERFACES: Final = arn("ec2", "network-interface/*")  # Lambda chooses their ids
# Lambda checks before there is an interface whether a role may delete one. "Either specify a unique
# resource ID, or include all resource IDs", as this does: `network-interface/*` is refused (Lambda
# developer guide, "Configuring a Lambda function to access resources in a VPC").
_ANY_ID: Final = arn("ec2", "*/*")


class Surroundings(NamedTuple):
    """ARNs that a function uses. `tables` maps the ARN of a table to actions on it."""

    name: str
    log_group: Any
    dead_letters: Any
    security_group: Any
    key: Any
    tables: Mapping[str, Sequence[Any]]


def function_role(title: str, around: Surroundings) -> Role:
    """The role of one function. `around.name` and table names may name parameters."""
    statements = [
        *_network_interfaces(around),
        _allow("WriteLogs", [logs.CreateLogStream, logs.PutLogEvents], around.log_group),
        _allow("SendDeadLetters", [sqs.SendMessage], around.dead_letters),
        _allow("WriteTraces", [xray.PutTelemetryRecords, xray.PutTraceSegments], "*"),
        *_tables(around),
        *_key(around),
    ]
    return service_role(
        title,
        "lambda",
        "run-function",
        statements,
        "X-Ray and EC2's Describe actions have no resources.",
    )


def _network_interfaces(around: Surroundings) -> list[Statement]:
    """Allow Lambda, but not the function's code, to attach the function to the VPC."""
    return [
        _allow(
            "CreateNetworkInterfaces",
            [ec2.CreateNetworkInterface],
            _INTERFACES,
            arn("ec2", "subnet/*"),
            around.security_group,
        ),
        _allow("ChangeNetworkInterfaces", [*_CHANGE_INTERFACES], _ANY_ID),
        _allow("SeeNetworkInterfaces", [*_SEE_INTERFACES], "*"),
        Statement(
            Sid="DenyNetworkInterfacesToCode",
            Effect=Deny,
            Action=[ec2.Action("*")],
            Resource=["*"],
            Condition=Condition(
                ArnEquals("lambda:SourceFunctionArn", arn("lambda", f"function:{around.name}"))
            ),
        ),
    ]


def _tables(around: Surroundings) -> list[Statement]:
    return [
        _allow(f"UseTable{number}", [*actions], arn("dynamodb", f"table/{table}"))
        for number, (table, actions) in enumerate(around.tables.items(), start=1)
    ]


def _key(around: Surroundings) -> list[Statement]:
    """Allow decryption of tables and environment, and encryption of dead letters, by services."""
    return [
        _allow(
            "DecryptTablesAndEnvironment",
            [kms.Decrypt],
            around.key,
            condition=_through("dynamodb", "lambda"),
        ),
        _allow(
            "EncryptDeadLetters",
            [kms.Decrypt, kms.GenerateDataKey],
            around.key,
            condition=_through("sqs"),
        ),
    ]


def _through(*services: str) -> Condition:
    names = [regional_service(name) for name in services]
    return Condition(StringEquals("kms:ViaService", names))


def _allow(
    sid: str, actions: list[Any], *resources: Any, condition: Condition | None = None
) -> Statement:
    extra = {"Condition": condition} if condition else {}
    return allow(actions, *resources, Sid=sid, **extra)
