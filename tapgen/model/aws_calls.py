"""Every operation that tapgen itself calls, and the permissions it needs.

A test compares the table with the code of `tapgen/aws`, another deploys with exactly these
permissions. An operation needs the action with its own name unless there is another entry; those
are from the service authorization reference and, for S3, "Required permissions for Amazon S3 API
operations" in its user guide.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Purpose(Enum):
    """Who makes a call.

    Reviewers and deployers, only deployers, only `destroy --purge-data`, only administrators with
    `tapgen bootstrap`.
    """

    REVIEW = "review"
    DEPLOY = "deploy"
    PURGE = "purge"
    BOOTSTRAP = "bootstrap"


@dataclass(frozen=True)
class Call:
    """One operation with its name in the SDK; `service` is the name for `boto3.client`."""

    service: str
    operation: str
    purpose: Purpose
    actions: tuple[str, ...]


_ACTIONS: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    # Cloud Control's actions are those of CloudFormation. The caller also needs the permissions of
    # its handlers (`iam.handlers`).
    **{
        ("cloudcontrol", operation): (f"cloudformation:{operation}",)
        for operation in (
            "DeleteResource",
            "GetResource",
            "GetResourceRequestStatus",
            "ListResources",
            "UpdateResource",
        )
    },
    # Tags of a stack are set by its change set.
    ("cloudformation", "CreateChangeSet"): (
        "cloudformation:CreateChangeSet",
        "cloudformation:TagResource",
        "cloudformation:UntagResource",
    ),
    # Listing a region's stacks needs both (CloudFormation API reference, DescribeStacks).
    ("cloudformation", "DescribeStacks"): (
        "cloudformation:DescribeStacks",
        "cloudformation:ListStacks",
    ),
    # "Detect unmanaged configuration changes" (CloudFormation user guide), Considerations. The
    # caller also needs the permissions to read resources (`iam.handlers`).
    ("cloudformation", "DetectStackDrift"): (
        "cloudformation:BatchDescribeTypeConfigurations",
        "cloudformation:DetectStackDrift",
        "cloudformation:DetectStackResourceDrift",
    ),
    ("s3", "DeleteObjects"): ("s3:DeleteObject", "s3:DeleteObjectVersion"),
    ("s3", "GetBucketEncryption"): ("s3:GetEncryptionConfiguration",),
    ("s3", "GetBucketLifecycleConfiguration"): ("s3:GetLifecycleConfiguration",),
    ("s3", "GetPublicAccessBlock"): ("s3:GetBucketPublicAccessBlock",),
    # Only for the ledger, a separate bucket that no stack of the platform has, see `iam.policies`.
    ("s3", "GetObject"): (),
    # Only for the recipient in `deployment.notify`, see `iam.policies`.
    ("secretsmanager", "GetSecretValue"): (),
    ("sns", "Publish"): (),
    # Only with the key of approvals; deployers and reviewers do not sign.
    ("kms", "Sign"): (),
    # For evidence about an account's baseline, which has these permissions (`render.bootstrap`).
    ("iam", "GetPolicy"): (),
    ("iam", "GetPolicyVersion"): (),
    ("s3", "GetObjectLockConfiguration"): (),
    ("kms", "Verify"): (),
    ("s3", "HeadBucket"): ("s3:ListBucket",),
    # Without ListBucket, the answer for a missing object is 403 instead of 404.
    ("s3", "HeadObject"): ("s3:GetObject", "s3:ListBucket", "kms:Decrypt"),
    ("s3", "ListBuckets"): ("s3:ListAllMyBuckets",),
    ("s3", "ListObjectVersions"): ("s3:ListBucketVersions",),
    ("s3", "ListObjectsV2"): ("s3:ListBucket",),
    # The bucket encrypts what arrives with the platform's key.
    ("s3", "PutPublicAccessBlock"): ("s3:PutBucketPublicAccessBlock",),
    ("s3", "PutObject"): ("s3:PutObject", "kms:GenerateDataKey"),
    # Every caller may do this; no policy can deny it.
    ("sts", "GetCallerIdentity"): (),
}
# The operations of each service, by purpose. API Gateway's actions are the HTTP methods.
_REVIEW: Final = {
    "acm": "DescribeCertificate ListTagsForCertificate",
    "apigateway": "GetAccount GetAuthorizer GetDeployment GetGatewayResponse GetMethod GetModel "
    "GetRequestValidator GetResource GetRestApi GetStage",
    "application-autoscaling": "DescribeScalableTargets DescribeScalingPolicies",
    # For types without a reader of tapgen's own.
    "cloudcontrol": "GetResource ListResources",
    "cloudformation": "CreateChangeSet DeleteChangeSet DescribeChangeSet DescribeEvents "
    "DescribeStackDriftDetectionStatus DescribeStackEvents DescribeStackResourceDrifts "
    "DescribeStackResources DescribeStacks DetectStackDrift GetStackPolicy GetTemplate "
    "ListChangeSets ListStackResources",
    "cloudfront": "GetDistribution GetResponseHeadersPolicyConfig ListTagsForResource",
    "cloudwatch": "DescribeAlarms GetDashboard",
    "codedeploy": "GetApplication GetDeployment GetDeploymentGroup ListDeployments "
    "ListTagsForResource",
    # Cognito returns the secret of an app client with its settings, and has no other operation.
    "cognito-idp": "DescribeResourceServer DescribeUserPool DescribeUserPoolClient "
    "DescribeUserPoolDomain GetUserPoolMfaConfig ListUserPools",
    "dynamodb": "DescribeContinuousBackups DescribeTable DescribeTimeToLive ListTagsOfResource",
    "ec2": "DescribeAddresses DescribeFlowLogs DescribeInternetGateways DescribeNatGateways "
    "DescribeNetworkInterfaces DescribeRouteTables DescribeSecurityGroupRules "
    "DescribeSecurityGroups DescribeSubnets DescribeVpcAttribute DescribeVpcEndpoints "
    "DescribeVpcs",
    "firehose": "DescribeDeliveryStream ListTagsForDeliveryStream",
    "iam": "GetPolicy GetPolicyVersion GetRole GetRolePolicy ListAttachedRolePolicies "
    "ListRolePolicies",
    "kms": "DescribeKey GetKeyPolicy GetKeyRotationStatus ListResourceTags Sign Verify",
    "lambda": "GetAlias GetFunction GetFunctionConfiguration GetFunctionEventInvokeConfig "
    "GetPolicy",
    "logs": "DescribeLogGroups DescribeLogStreams GetDelivery GetDeliveryDestination "
    "GetDeliverySource ListTagsForResource",
    "pricing": "GetProducts",
    "route53": "GetHostedZone ListHostedZonesByName ListResourceRecordSets ListTagsForResource",
    "s3": "GetBucketEncryption GetBucketLifecycleConfiguration GetBucketLogging "
    "GetBucketOwnershipControls GetBucketPolicy GetBucketTagging GetBucketVersioning "
    "GetObject GetObjectLockConfiguration GetPublicAccessBlock HeadBucket ListBuckets "
    "ListObjectsV2",
    "secretsmanager": "DescribeSecret GetSecretValue",
    "sns": "GetTopicAttributes ListSubscriptionsByTopic ListTagsForResource Publish",
    "sqs": "GetQueueAttributes GetQueueUrl ListQueueTags",
    # The lock, which a plan needs too, because it creates change sets; and values for settings.
    "ssm": "GetParameter GetParameters PutParameter",
    "sts": "GetCallerIdentity",
    "wafv2": "GetLoggingConfiguration GetWebACL GetWebACLForResource ListTagsForResource",
}
_DEPLOY: Final = {
    "cloudformation": "CancelUpdateStack ContinueUpdateRollback DeleteStack ExecuteChangeSet "
    "RollbackStack SetStackPolicy UpdateTerminationProtection",
    # Network interfaces that functions leave behind are deleted before their network.
    "ec2": "DeleteNetworkInterface",
    "s3": "HeadObject PutObject",
}
_PURGE: Final = {
    "cloudcontrol": "DeleteResource GetResourceRequestStatus UpdateResource",
    "cognito-idp": "DeleteUserPool DeleteUserPoolDomain UpdateUserPool",
    "dynamodb": "DeleteTable UpdateTable",
    "kms": "DeleteAlias ScheduleKeyDeletion",
    "logs": "DeleteLogGroup PutLogGroupDeletionProtection",
    "route53": "ChangeResourceRecordSets DeleteHostedZone",
    "s3": "DeleteBucket DeleteObjects ListObjectVersions",
    "secretsmanager": "DeleteSecret RemoveRegionsFromReplication",
    "sqs": "DeleteQueue",
}
_BOOTSTRAP: Final = {
    "iam": "GetOpenIDConnectProvider ListOpenIDConnectProviders",
    "s3": "CreateBucket PutPublicAccessBlock",
}


def _actions(service: str, operation: str) -> tuple[str, ...]:
    if service == "apigateway":
        return ("apigateway:GET",)
    return _ACTIONS.get((service, operation), (f"{service}:{operation}",))


CALLS: Final = tuple(
    Call(service, operation, purpose, _actions(service, operation))
    for purpose, services in zip(Purpose, (_REVIEW, _DEPLOY, _PURGE, _BOOTSTRAP), strict=True)
    for service, operations in services.items()
    for operation in operations.split()
)
