"""Flow logs of a VPC: every connection, accepted or refused, in a CloudWatch log group."""

from __future__ import annotations

from typing import Any

from awacs import logs
from awacs.aws import (
    Allow,
    ArnLike,
    Condition,
    PolicyDocument,
    SourceAccount,
    SourceArn,
    Statement,
    StringEquals,
)
from troposphere import GetAtt, Ref
from troposphere.ec2 import FlowLog
from troposphere.iam import Policy, Role

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.parts.iam.arns import ACCOUNT, arn
from tapgen.payments.layers.parts.iam.trust import trust
from tapgen.payments.layers.parts.logs.log_groups import LogGroups
from tapgen.render.accepted import INLINE_POLICY, accepted


def add_flow_logs(blueprint: Blueprint, groups: LogGroups) -> None:
    """Log the traffic of the resource `Vpc`."""
    group = groups.add("FlowLogGroup", "/aws/vpc/${Prefix}-flow-logs")
    role = blueprint.add(_role(group))
    blueprint.add(
        FlowLog(
            "FlowLog",
            ResourceType="VPC",
            ResourceId=Ref("Vpc"),
            TrafficType="ALL",
            LogDestinationType="cloud-watch-logs",
            LogGroupName=Ref(group),
            DeliverLogsPermissionArn=GetAtt(role, "Arn"),
            MaxAggregationInterval=600,  # seconds; the only other value, 60, multiplies the records
        )
    )


def _role(group: Any) -> Role:
    return Role(
        "FlowLogRole",
        Metadata=accepted(INLINE_POLICY),
        # Only flow logs of this account may assume the role (prevents a confused deputy).
        AssumeRolePolicyDocument=trust(
            "vpc-flow-logs",
            Condition(
                [
                    StringEquals(SourceAccount, ACCOUNT),
                    ArnLike(SourceArn, arn("ec2", "vpc-flow-log/*")),
                ]
            ),
        ),
        Policies=[
            Policy(
                PolicyName="write-flow-logs",
                PolicyDocument=PolicyDocument(
                    Version="2012-10-17",
                    Statement=[
                        Statement(
                            Sid="WriteFlowLogs",
                            Effect=Allow,
                            Action=[
                                logs.CreateLogStream,
                                logs.DescribeLogStreams,
                                logs.PutLogEvents,
                            ],
                            Resource=[GetAtt(group, "Arn")],
                        ),
                        Statement(
                            Sid="FindLogGroup",
                            Effect=Allow,
                            Action=[logs.DescribeLogGroups],
                            Resource=[arn("logs", "log-group:*")],
                        ),
                    ],
                ),
            )
        ],
    )
