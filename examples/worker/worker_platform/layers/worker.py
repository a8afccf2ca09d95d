"""The worker layer: the function that processes jobs, its role, logs and event source."""

from __future__ import annotations

from typing import Any, Final

from tapgen.model.limits import CODE_KEY
from tapgen.model.stack import CODE_KEY_SETTING
from tapgen.render.accepted import accepted, because
from tapgen.render.blueprint import Blueprint
from tapgen.render.retained import RETAINED
from troposphere import GetAtt, Ref, Sub
from troposphere.awslambda import (
    Code,
    Environment,
    EventSourceMapping,
    Function,
    VPCConfig,
)
from troposphere.iam import Policy, Role
from troposphere.logs import LogGroup

from worker_platform.layers.database import SECURITY_GROUP
from worker_platform.layers.parts.policies import allow, document, key_input, trust
from worker_platform.settings import LOG_DAYS, MEMORY_MB, TIMEOUT_SECONDS

BUCKET: Final = r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"
QUEUE_ARN: Final = r"^arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}$"
ADDRESS: Final = r"^[a-z0-9][a-z0-9.-]+$"
PORT: Final = r"^[0-9]{1,5}$"
_BATCH: Final = 10
# Actions with which Lambda attaches a function to a VPC (developer guide, "VPC networking").
_INTERFACES: Final = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
]


def build() -> Blueprint:
    """One function that reads from a queue."""
    blueprint = Blueprint("worker", "The function that processes jobs.")
    blueprint.prefix()
    key_arn = key_input(blueprint)
    queue = blueprint.input("QueueArn", "ARN of the job queue.", pattern=QUEUE_ARN)
    results = blueprint.input("ResultsBucketName", "Bucket for results.", pattern=BUCKET)
    logs = _add_logs(blueprint, key_arn)
    role = _add_role(blueprint, logs, queue, results, key_arn)
    function = blueprint.add(
        Function(
            "Worker",
            FunctionName=Sub("${Prefix}-worker"),
            Description="Processes jobs and writes their results to the bucket.",
            Handler="functions.worker.handler",
            Runtime="python3.13",
            Architectures=["arm64"],
            Role=GetAtt(role, "Arn"),
            KmsKeyArn=key_arn,
            DependsOn=[logs.title],  # or Lambda would create one without key and retention
            **_place_and_sizes(blueprint, results),
        )
    )
    blueprint.add(
        EventSourceMapping(
            "Intake",
            EventSourceArn=queue,
            FunctionName=Ref(function),
            BatchSize=_BATCH,
            FunctionResponseTypes=["ReportBatchItemFailures"],
        )
    )
    blueprint.output("FunctionName", Ref(function), "Name of the function.")
    return blueprint.finish()


def _add_logs(blueprint: Blueprint, key_arn: Any) -> LogGroup:
    days = blueprint.choice("LogDays", "retention.logs_days", "Log retention in days.", LOG_DAYS)
    group: LogGroup = blueprint.add(
        LogGroup(
            "Logs",
            LogGroupName=Sub("/aws/lambda/${Prefix}-worker"),
            KmsKeyId=key_arn,
            RetentionInDays=days,
            DeletionProtectionEnabled=blueprint.protected(),
            **RETAINED,
        )
    )
    return group


def _add_role(blueprint: Blueprint, logs: LogGroup, queue: Any, results: Any, key: Any) -> Role:
    take = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    results_arn = Sub("arn:${AWS::Partition}:s3:::${Bucket}/results/*", Bucket=results)
    role: Role = blueprint.add(
        Role(
            "Role",
            AssumeRolePolicyDocument=trust("lambda"),
            Policies=[
                Policy(
                    PolicyName="work",
                    PolicyDocument=document(
                        allow("AttachToVpc", _INTERFACES, "*"),
                        allow("TakeJobs", [*take, "sqs:ReceiveMessage"], queue),
                        allow("WriteResults", ["s3:PutObject"], results_arn),
                        allow("UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], key),
                        allow(
                            "WriteLogs",
                            ["logs:CreateLogStream", "logs:PutLogEvents"],
                            GetAtt(logs, "Arn"),
                        ),
                    ),
                )
            ],
            Metadata=accepted(
                because(
                    "Lambda chooses the ids of its network interfaces.",
                    "IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE",
                )
            ),
        )
    )
    return role


def _place_and_sizes(blueprint: Blueprint, results: Any) -> dict[str, Any]:
    subnets = blueprint.input_list(
        "PrivateSubnetIds", "Subnets of the worker.", type_="List<AWS::EC2::Subnet::Id>"
    )
    group = blueprint.input("WorkerSecurityGroupId", "Security group.", pattern=SECURITY_GROUP)
    address = blueprint.input("DatabaseAddress", "Host name of the database.", pattern=ADDRESS)
    port = blueprint.input("DatabasePort", "Port of the database.", pattern=PORT)
    return {
        "Code": Code(
            S3Bucket=blueprint.input("ArtifactsBucketName", "Bucket for code.", pattern=BUCKET),
            S3Key=blueprint.text(
                "CodeKey", CODE_KEY_SETTING, "Code's key, with its SHA-256.", pattern=CODE_KEY
            ),
        ),
        "MemorySize": blueprint.number("MemoryMb", "worker.memory_mb", "Memory in MB.", MEMORY_MB),
        "Timeout": blueprint.number(
            "TimeoutSeconds", "worker.timeout_seconds", "Timeout for a batch.", TIMEOUT_SECONDS
        ),
        "VpcConfig": VPCConfig(SecurityGroupIds=[group], SubnetIds=subnets),
        "Environment": Environment(
            Variables={
                "RESULTS_BUCKET": results,
                "DATABASE_ADDRESS": address,
                "DATABASE_PORT": port,
            }
        ),
    }
