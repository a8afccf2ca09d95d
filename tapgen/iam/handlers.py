"""The permissions that CloudFormation needs with the caller's credentials, by resource type.

The source is the provider schemas, which name permissions for each handler of a type. They cover
every feature of the type. One table here removes those of features that a template does not use,
each with its feature; the other adds permissions that the schemas lack, each with its source. A
type in neither table gets all permissions of its schema; if its schema names none, `underivable`
reports it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from tapgen.iam.reference import known
from tapgen.review.schemas import resource_schema

READING: Final = ("read",)
MAKING: Final = ("create", "read", "update", "delete")

Resources = Mapping[str, Iterable[Mapping[str, Any]]]
"""Resource type -> the properties of each resource of that type."""


@dataclass(frozen=True)
class Feature:
    """Permissions (patterns with *) of a feature that a resource uses if it has a property.

    Without a property, no rendered template uses the feature.
    """

    type: str
    permissions: str
    why: str
    property: str = ""


@dataclass(frozen=True)
class Forgotten:
    """Permissions that a type needs and its schema does not name.

    If a property is given, only resources with this property need them.
    """

    type: str
    permissions: str
    source: str
    property: str = ""


FEATURES: Final = (
    Feature(
        "AWS::ApiGateway::Authorizer",
        "iam:PassRole",
        "an authorizer with a role",
        "AuthorizerCredentials",
    ),
    Feature("AWS::ApiGateway::Method", "iam:PassRole", "no integration has a role"),
    Feature("AWS::ApiGateway::RestApi", "iam:PassRole", "no integration has a role"),
    Feature(
        "AWS::ApiGateway::RestApi", "s3:GetObject", "a definition in a bucket", "BodyS3Location"
    ),
    Feature(
        "AWS::ApiGateway::RestApi",
        "apigateway:UpdateRestApiPolicy",
        "a resource policy",
        "Policy",
    ),
    Feature(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "application-autoscaling:*ScheduledAction*",
        "scheduled actions",
        "ScheduledActions",
    ),
    Feature(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "iam:PassRole",
        "a role other than the service-linked one",
        "RoleARN",
    ),
    Feature(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "lambda:*",
        "tables are scaled, functions are not",
    ),
    Feature(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        "cloudwatch:GetMetricData",
        "predictive scaling",
        "PredictiveScalingPolicyConfiguration",
    ),
    Feature(
        "AWS::CertificateManager::Certificate",
        "acm-pca:*",
        "a private certificate authority",
        "CertificateAuthorityArn",
    ),
    Feature(
        "AWS::CloudFront::Distribution",
        "cloudfront:*ConnectionGroup cloudfront:GetVpcOrigin "
        "cloudfront:UpdateDistributionWithStagingConfig",
        "tenants, VPC origins and staging",
    ),
    Feature(
        "AWS::Cognito::UserPool", "cognito-idp:AddCustomAttributes", "attributes of users", "Schema"
    ),
    Feature("AWS::Cognito::UserPool", "iam:PassRole", "messages by SMS", "SmsConfiguration"),
    Feature(
        "AWS::Cognito::UserPool",
        "iam:CreateServiceLinkedRole",
        "messages by SES",
        "EmailConfiguration",
    ),
    Feature("AWS::Cognito::UserPool", "kms:*", "senders of its own", "LambdaConfig"),
    Feature(
        "AWS::Cognito::UserPoolClient",
        "iam:*",
        "analytics by Pinpoint",
        "AnalyticsConfiguration",
    ),
    Feature(
        "AWS::Cognito::UserPoolDomain",
        "cloudfront:* kms:*",
        "a custom domain",
        "CustomDomainConfig",
    ),
    Feature(
        "AWS::DynamoDB::Table",
        "dynamodb:*Item dynamodb:Query dynamodb:Scan dynamodb:*Replica iam:CreateServiceLinkedRole",
        "replicas in other regions; without them CloudFormation has no need for the data",
        "Replicas",
    ),
    Feature(
        "AWS::DynamoDB::Table",
        "dynamodb:ImportTable dynamodb:DescribeImport s3:* logs:*",
        "an import from a bucket",
        "ImportSourceSpecification",
    ),
    Feature(
        "AWS::DynamoDB::Table",
        "kinesis:* dynamodb:EnableKinesis* dynamodb:DisableKinesis* dynamodb:UpdateKinesis*",
        "a stream of changes",
        "KinesisStreamSpecification",
    ),
    Feature(
        "AWS::DynamoDB::Table",
        "dynamodb:PutResourcePolicy dynamodb:DeleteResourcePolicy",
        "a resource policy",
        "ResourcePolicy",
    ),
    Feature(
        "AWS::CodeDeploy::DeploymentGroup",
        "codedeploy:RegisterOnPremisesInstance",
        "on-premises instances",
        "OnPremisesInstanceTagFilters",
    ),
    Feature("AWS::EC2::EIP", "ec2:AcceptAddressTransfer", "an address of another account"),
    Feature("AWS::EC2::EIP", "ec2:AssociateAddress", "an address of an instance", "InstanceId"),
    Feature("AWS::EC2::FlowLog", "s3:*", "flow logs in a bucket"),
    Feature("AWS::EC2::NatGateway", "ec2:*PrivateNatGatewayAddress", "private NAT gateways"),
    Feature(
        "AWS::EC2::NatGateway",
        "ec2:*ssociateNatGatewayAddress",
        "further addresses",
        "SecondaryAllocationIds",
    ),
    Feature(
        "AWS::EC2::Subnet",
        "ec2:AssociateSubnetCidrBlock ec2:DisassociateSubnetCidrBlock",
        "IPv6",
        "Ipv6CidrBlock",
    ),
    Feature("AWS::EC2::VPC", "ec2:ModifyVpcTenancy", "dedicated hosts", "InstanceTenancy"),
    Feature("AWS::EC2::VPC", "ec2:CreateVpcEncryptionControl", "enforced encryption in transit"),
    Feature("AWS::EC2::VPCEndpoint", "vpc-lattice:* vpce:*", "service networks, other regions"),
    Feature("AWS::EC2::VPCGatewayAttachment", "ec2:*tachVpnGateway", "a VPN", "VpnGatewayId"),
    Feature(
        "AWS::IAM::Role",
        "iam:AttachRolePolicy iam:DetachRolePolicy",
        "managed policies",
        "ManagedPolicyArns",
    ),
    Feature(
        "AWS::IAM::Role",
        "iam:PutRolePermissionsBoundary",
        "a permission boundary",
        "PermissionsBoundary",
    ),
    Feature(
        "AWS::IAM::Role",
        "iam:DeleteRolePermissionsBoundary",
        "a role must keep its boundary",
    ),
    Feature(
        "AWS::KinesisFirehose::DeliveryStream",
        "kms:* firehose:St*DeliveryStreamEncryption",
        "a stream encrypted with a key",
        "DeliveryStreamEncryptionConfigurationInput",
    ),
    Feature(
        "AWS::Lambda::Alias",
        "codedeploy:*",
        "an alias that CodeDeploy moves; its deployment group takes the same permissions",
    ),
    Feature("AWS::Lambda::*", "lambda:*ProvisionedConcurrencyConfig", "provisioned concurrency"),
    Feature("AWS::Lambda::*", "lambda:Put*ScalingConfig", "capacity providers"),
    Feature("AWS::Lambda::*", "lambda:PassCapacityProvider", "capacity providers"),
    Feature("AWS::Lambda::*", "lambda:PutRuntimeManagementConfig", "pinned runtime versions"),
    Feature("AWS::Lambda::Function", "elasticfilesystem:* s3files:*", "file systems"),
    Feature(
        "AWS::Lambda::Function",
        "lambda:*tFunctionCodeSigningConfig lambda:DeleteFunctionCodeSigningConfig "
        "lambda:GetCodeSigningConfig",
        "code signing",
        "CodeSigningConfigArn",
    ),
    Feature(
        "AWS::Lambda::Function",
        "lambda:PutFunctionRecursionConfig",
        "recursive calls",
        "RecursiveLoop",
    ),
    Feature(
        "AWS::Logs::*",
        "*DataProtectionPolicy *IndexPolicy logs:PutBearerTokenAuthentication firehose:*",
        "masking, indexes, tokens",
    ),
    Feature("AWS::Logs::LogGroup", "logs:*LogDelivery", "delivery of a group's own logs"),
    Feature(
        "AWS::Logs::LogGroup", "logs:*ResourcePolicy", "a resource policy", "ResourcePolicyDocument"
    ),
    Feature("AWS::Logs::DeliveryDestination", "*DestinationPolicy", "another account's logs"),
    Feature(
        "AWS::Logs::DeliverySource",
        "codewhisperer:* workmail:*",
        "the source is a distribution",
    ),
    Feature(
        "AWS::Route53::HostedZone",
        "ec2:* route53:*VPC*",
        "a private zone",
        "VPCs",
    ),
    Feature(
        "AWS::Route53::HostedZone",
        "route53:CreateQueryLoggingConfig route53:DeleteQueryLoggingConfig",
        "a log of queries",
        "QueryLoggingConfig",
    ),
    Feature("AWS::Route53::HostedZone", "route53:UpdateHostedZoneFeatures", "faster recovery"),
    Feature(
        "AWS::S3::Bucket",
        "iam:PassRole s3:DeleteObject s3:PutObjectAcl s3:PutBucketAcl",
        "replication, and access lists, which these buckets have switched off",
    ),
    *(
        Feature("AWS::S3::Bucket", permissions, "a feature of buckets", name)
        for name, permissions in {
            "AccelerateConfiguration": "s3:PutAccelerateConfiguration",
            "AnalyticsConfigurations": "s3:PutAnalyticsConfiguration",
            "AbacStatus": "s3:PutBucketAbac",
            "CorsConfiguration": "s3:PutBucketCORS",
            "IntelligentTieringConfigurations": "s3:PutIntelligentTieringConfiguration",
            "InventoryConfigurations": "s3:PutInventoryConfiguration",
            "MetadataTableConfiguration": "s3:CreateBucketMetadata* s3:DeleteBucketMetadata* "
            "s3:UpdateBucketMetadata* s3tables:*",
            "MetricsConfigurations": "s3:PutMetricsConfiguration",
            "NotificationConfiguration": "s3:PutBucketNotification",
            "ObjectLockConfiguration": "s3:PutBucketObjectLockConfiguration",
            "ReplicationConfiguration": "s3:PutReplicationConfiguration",
            "WebsiteConfiguration": "s3:PutBucketWebsite s3:DeleteBucketWebsite",
        }.items()
    ),
    *(
        Feature("AWS::RDS::DBInstance", permissions, why, property_)
        for permissions, why, property_ in (
            ("iam:GetRole iam:ListRoles iam:PassRole", "metrics in detail", "MonitoringRoleArn"),
            (
                "rds:*RoleToDBInstance rds:*RoleFromDBInstance",
                "roles of its own",
                "AssociatedRoles",
            ),
            (
                "rds:CreateDBInstanceReadReplica rds:PromoteReadReplica",
                "a replica of another",
                "SourceDBInstanceIdentifier",
            ),
            (
                "rds:RestoreDBInstanceFromDBSnapshot",
                "a database made from a snapshot",
                "DBSnapshotIdentifier",
            ),
            (
                "rds:*AutomatedBackupsReplication",
                "backups in another region",
                "AutomaticBackupReplicationRegion",
            ),
            ("secretsmanager:*", "a password that RDS makes", "ManageMasterUserPassword"),
        )
    ),
    Feature("AWS::SNS::*", "iam:*", "delivery status logs and Firehose subscriptions"),
    Feature("AWS::Lambda::EventSourceMapping", "kms:*", "filters encrypted by a key", "KmsKeyArn"),
    Feature("AWS::SNS::Topic", "sns:PutDataProtectionPolicy", "masking", "DataProtectionPolicy"),
    Feature(
        "AWS::WAFv2::LoggingConfiguration",
        "s3:* firehose:* iam:*",
        "its logs go to a log group, not to a bucket or a stream",
    ),
    Feature(
        "AWS::WAFv2::WebACLAssociation",
        "amplify:* apprunner:* appsync:* bedrock-agentcore:* cognito-idp:* ec2:* "
        "elasticloadbalancing:* wafv2:*PermissionPolicy",
        "the firewall stands in front of a stage of API Gateway",
    ),
)
FORGOTTEN: Final = (
    Forgotten(
        "AWS::ApiGateway::RestApi",
        "iam:CreateServiceLinkedRole",
        "API Gateway developer guide, Using service-linked roles: made with the first API",
    ),
    Forgotten(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        "cloudwatch:DeleteAlarms cloudwatch:DescribeAlarms cloudwatch:PutMetricAlarm",
        "Application Auto Scaling user guide, Identity-based policies: a target tracking policy "
        "makes its alarms with the caller's permissions",
    ),
    Forgotten(
        "AWS::EC2::VPCEndpoint",
        "route53:AssociateVPCWithHostedZone",
        "service authorization reference of Amazon EC2, CreateVpcEndpoint, dependent actions; "
        "whether it is asked of the caller is not said: the zone is AWS's",
        "PrivateDnsEnabled",
    ),
    Forgotten(
        "AWS::Lambda::Function",
        "kms:Decrypt",
        "S3 user guide, Using server-side encryption with AWS KMS keys: the code is in a bucket "
        "that is encrypted",
    ),
    Forgotten(
        "AWS::Logs::DeliverySource",
        "cloudfront:AllowVendedLogDeliveryForResource",
        "CloudWatch Logs user guide, Logging that requires additional permissions [V2]",
    ),
    Forgotten(
        "AWS::Logs::Delivery",
        "s3:GetBucketPolicy s3:PutBucketPolicy",
        "CloudWatch Logs user guide, Logs sent to Amazon S3 [V2]: the delivery adds itself to the "
        "policy of the bucket",
    ),
    Forgotten(
        "AWS::SecretsManager::Secret",
        "kms:Decrypt kms:GenerateDataKey",
        "Secrets Manager user guide, Permissions for the KMS key",
    ),
)


def permissions(resources: Resources, handlers: Iterable[str] = MAKING) -> frozenset[str]:
    """The actions that the given handlers of all resources need.

    Names in a schema that are not IAM actions are omitted: IAM would ignore them.
    """
    return frozenset(
        action
        for resource_type, declared in resources.items()
        for action in _of_type(resource_type, list(declared), frozenset(handlers))
    )


def underivable(types: Iterable[str]) -> tuple[str, ...]:
    """The resource types for which neither AWS's schemas nor the tables here name permissions."""
    forgotten = {one.type for one in FORGOTTEN}
    handlers = frozenset(MAKING)
    return tuple(sorted(one for one in {*types} - forgotten if not _named(one, handlers)))


def _of_type(
    resource_type: str, declared: list[Mapping[str, Any]], handlers: frozenset[str]
) -> set[str]:
    named = {one for one in _named(resource_type, handlers) if known(one)}
    unused = [
        pattern
        for feature in FEATURES
        if fnmatchcase(resource_type, feature.type) and not _uses(declared, feature.property)
        for pattern in feature.permissions.split()
    ]
    added = {
        action
        for one in FORGOTTEN
        if one.type == resource_type and "create" in handlers
        if not one.property or _uses(declared, one.property)
        for action in one.permissions.split()
    }
    return added | {
        action for action in named if not any(fnmatchcase(action, pattern) for pattern in unused)
    }


def _named(resource_type: str, handlers: frozenset[str]) -> set[str]:
    schema = resource_schema(resource_type)
    return {
        action
        for name, handler in schema.get("handlers", {}).items()
        if name in handlers
        for action in handler.get("permissions", ())
    }


def _uses(declared: list[Mapping[str, Any]], name: str) -> bool:
    return bool(name) and any(name in properties for properties in declared)
