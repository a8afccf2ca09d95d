"""The platform as one value. Start here to change any part of it."""

from __future__ import annotations

from typing import Final

from tapgen.model.layer import Layer, OutputRef, in_package, outputs_of
from tapgen.model.platform import Platform

LAYERS: Final = in_package(
    "worker_platform.layers",
    Layer("network", "VPC with private subnets in two zones, security groups"),
    Layer("storage", "KMS key, results bucket, code bucket"),
    Layer(
        "database",
        "PostgreSQL in the private subnets",
        inputs={
            **outputs_of("network", "PrivateSubnetIds", "DatabaseSecurityGroupId"),
            **outputs_of("storage", "KeyArn"),
        },
    ),
    Layer("jobs", "Job queue and dead-letter queue", inputs=outputs_of("storage", "KeyArn")),
    Layer(
        "worker",
        "The function that processes jobs",
        inputs={
            **outputs_of("network", "PrivateSubnetIds", "WorkerSecurityGroupId"),
            **outputs_of("storage", "KeyArn", "ArtifactsBucketName", "ResultsBucketName"),
            **outputs_of("database", "DatabaseAddress", "DatabasePort"),
            **outputs_of("jobs", "QueueArn"),
        },
    ),
    Layer(
        "alarms",
        "Alarms and their topic",
        inputs={
            **outputs_of("storage", "KeyArn"),
            **outputs_of("database", "DatabaseName"),
            **outputs_of("jobs", "QueueName", "DeadLettersName"),
            **outputs_of("worker", "FunctionName"),
        },
    ),
)

PLATFORM: Final = Platform(
    name="worker",
    layers=LAYERS,
    settings="worker_platform.settings:WorkerSettings",
    checks="worker_platform.checks:CHECKS",
    rules="worker_platform.rules:RULES",
    guards="worker_platform.guards:GUARDS",
    live_checks="worker_platform.live:WORKER",
    functions="worker_platform.functions",
    copy_options={"--cidr": "Address range of the VPC; by default a free one."},
    artifacts=OutputRef("storage", "ArtifactsBucketName"),
    # Example values of inputs, used to check templates before anything is deployed.
    examples={
        "DatabaseAddress": "example.0123456789ab.{region}.rds.amazonaws.com",
        "DatabasePort": "5432",
        "QueueArn": "arn:aws:sqs:{region}:{account}:example-name",
    },
    # Alarms that roll an update back if `deployment.rollback_alarms` is on.
    rollback_alarms=(("alarms", "WorkerErrors"), ("alarms", "DeadLetters")),
)
