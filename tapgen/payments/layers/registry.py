"""All layers, in reading order. A new layer is one module and one entry here.

Modules are named after their layer and imported when they are built, so that listing layers,
drawing the graph and completing a command line do not import troposphere.
"""

from __future__ import annotations

from typing import Final

from tapgen.model.layer import Layer, in_package, outputs_of
from tapgen.model.limits import GLOBAL_REGION

TABLE_NAMES: Final = ("TransactionsTableName", "SessionsTableName", "IdempotencyTableName")

LAYERS: Final = in_package(
    "tapgen.payments.layers",
    Layer("network", "VPC, subnets, NAT, endpoints, security groups, flow logs"),
    Layer("data", "KMS key and DynamoDB tables with autoscaling"),
    Layer(
        "storage",
        "Buckets for API logs, access logs and artifacts",
        inputs=outputs_of("data", "KeyArn"),
    ),
    Layer(
        "compute",
        "Functions payment-processor and session-manager",
        inputs={
            **outputs_of("network", "PrivateSubnetIds", "LambdaSecurityGroupId"),
            **outputs_of("data", "KeyArn", *TABLE_NAMES),
            **outputs_of("storage", "ArtifactsBucketName"),
        },
    ),
    Layer(
        "identity",
        "User pool, scopes and app clients of the API's callers",
        enabled_by="api.authorization",
        enabled_at="cognito",
    ),
    Layer(
        "api",
        "Regional REST API with WAF, throttling and logs",
        inputs={
            **outputs_of("compute", "PaymentProcessorAliasArn", "SessionManagerAliasArn"),
            **outputs_of("storage", "ApiLogsBucketName"),
            **outputs_of("data", "KeyArn"),
            **outputs_of("identity", "UserPoolArn", optional=True),
        },
    ),
    Layer("zone", "Hosted zone and its delegation", enabled_by="domain"),
    Layer(
        "certificate",
        "TLS certificate, validated through DNS",
        inputs=outputs_of("zone", "HostedZoneId"),
        region=GLOBAL_REGION,
        enabled_by="domain",
        deadline="certificate.wait_minutes",
    ),
    Layer(
        "cdn",
        "CloudFront distribution in front of the API, its WAF, logs and alarms",
        inputs={
            **outputs_of("api", "ApiDomainName", "StageName", "OriginSecretName"),
            **outputs_of("storage", "ApiLogsBucketName"),
            **outputs_of("certificate", "CertificateArn", optional=True),
        },
        region=GLOBAL_REGION,
    ),
    Layer(
        "dns",
        "Alias records from the domain to the distribution",
        inputs={
            **outputs_of("zone", "HostedZoneId"),
            **outputs_of("cdn", "DistributionDomainName"),
        },
        enabled_by="domain",
    ),
    Layer(
        "observability",
        "Alarms, their topic and one dashboard",
        inputs={
            **outputs_of("data", "KeyArn", *TABLE_NAMES),
            **outputs_of("compute", "PaymentProcessorFunctionName", "SessionManagerFunctionName"),
            **outputs_of("compute", "PaymentProcessorDlqName", "SessionManagerDlqName"),
            **outputs_of("api", "ApiName", "StageName", "WebAclName", "AccessLogStreamName"),
        },
    ),
)
