"""Every operation that tapgen itself calls, and the permissions it takes.

A test compares the table with the code of `tapgen/aws`, another deploys with these permissions and
no others. An operation needs the action of its own name unless an entry says otherwise; those are
from the service authorization reference and, for S3, "Required permissions for Amazon S3 API
operations" in its user guide.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Purpose(Enum):
    """Who makes a call.

    Reviewers and deployers, deployers only, `destroy --purge-data` only, administrators by `tapgen
    bootstrap` only.
    """

    REVIEW = "review"
    DEPLOY = "deploy"
    PURGE = "purge"
    BOOTSTRAP = "bootstrap"


@dataclass(frozen=True)
class Call:
    """One operation by its name in the SDK; `service` is the SDK's, as in `boto3.client`."""

    service: str
    operation: str
    purpose: Purpose
    actions: tuple[str, ...]


_ACTIONS: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    # Cloud Control's actions are those of CloudFormation; what its handlers then call is asked of
    # the caller as well (`iam.handlers`).
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
    # A listing of a region's stacks asks for both (CloudFormation API reference, DescribeStacks).
    ("cloudformation", "DescribeStacks"): (
        "cloudformation:DescribeStacks",
        "cloudformation:ListStacks",
    ),
    # "Detect unmanaged configuration changes" (CloudFormation user guide), Considerations. What it
    # reads is asked of the caller as well (`iam.handlers`).
    ("cloudformation", "DetectStackDrift"): (
        "cloudformation:BatchDescribeTypeConfigurations",
        "cloudformation:DetectStackDrift",
        "cloudformation:DetectStackResourceDrift",
    ),
    ("s3", "DeleteObjects"): ("s3:DeleteObject", "s3:DeleteObjectVersion"),
    ("s3", "GetBucketEncryption"): ("s3:GetEncryptionConfiguration",),
    ("s3", "GetBucketLifecycleConfiguration"): ("s3:GetLifecycleConfiguration",),
    ("s3", "GetPublicAccessBlock"): ("s3:GetBucketPublicAccessBlock",),
    # Of the ledger only, see `iam.policies`: a bucket of its own, and no stack of the platform's.
    ("s3", "GetObject"): (),
    # Of what `deployment.notify` names only, see `iam.policies`.
    ("secretsmanager", "GetSecretValue"): (),
    ("sns", "Publish"): (),
    # With the key of approvals only, likewise; nobody signs who deploys or reviews.
    ("kms", "Sign"): (),
    # What evidence tells of an account's baseline; it lets its reviewers look (`render.bootstrap`).
    ("iam", "GetPolicy"): (),
    ("iam", "GetPolicyVersion"): (),
    ("s3", "GetObjectLockConfiguration"): (),
    ("kms", "Verify"): (),
    ("s3", "HeadBucket"): ("s3:ListBucket",),
    # Without ListBucket an object that is not there is answered 403 instead of 404.
    ("s3", "HeadObject"): ("s3:GetObject", "s3:ListBucket", "kms:Decrypt"),
    ("s3", "ListBuckets"): ("s3:ListAllMyBuckets",),
    ("s3", "ListObjectVersions"): ("s3:ListBucketVersions",),
    ("s3", "ListObjectsV2"): ("s3:ListBucket",),
    # The bucket encrypts what arrives with the platform's key.
    ("s3", "PutPublicAccessBlock"): ("s3:PutBucketPublicAccessBlock",),
    ("s3", "PutObject"): ("s3:PutObject", "kms:GenerateDataKey"),
    # Everybody may ask who they are; no policy can change that.
    ("sts", "GetCallerIdentity"): (),
}
# What each service is asked, by purpose. API Gateway's actions are the HTTP methods.
_REVIEW: Final = {
    "acm": "DescribeCertificate ListTagsForCertificate",
    "apigateway": "GetAccount GetAuthorizer GetDeployment GetGatewayResponse GetMethod GetModel "
    "GetRequestValidator GetResource GetRestApi GetStage",
    "application-autoscaling": "DescribeScalableTargets DescribeScalingPolicies",
    # What no reader of our own reads.
    "cloudcontrol": "GetResource ListResources",
    "cloudformation": "CreateChangeSet DeleteChangeSet DescribeChangeSet DescribeEvents "
    "DescribeStackDriftDetectionStatus DescribeStackEvents DescribeStackResourceDrifts "
    "DescribeStackResources DescribeStacks DetectStackDrift GetStackPolicy GetTemplate "
    "ListChangeSets ListStackResources",
    "cloudfront": "GetDistribution GetResponseHeadersPolicyConfig ListTagsForResource",
    "cloudwatch": "DescribeAlarms GetDashboard",
    "codedeploy": "GetApplication GetDeployment GetDeploymentGroup ListDeployments "
    "ListTagsForResource",
    # Cognito tells the secret of an app client along with its settings, and has no other call.
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
    # The lock: a plan takes it as well, because it makes change sets. What settings read.
    "ssm": "GetParameter GetParameters PutParameter",
    "sts": "GetCallerIdentity",
    "wafv2": "GetLoggingConfiguration GetWebACL GetWebACLForResource ListTagsForResource",
}
_DEPLOY: Final = {
    "cloudformation": "CancelUpdateStack ContinueUpdateRollback DeleteStack ExecuteChangeSet "
    "RollbackStack SetStackPolicy UpdateTerminationProtection",
    # What functions leave behind is removed before their network is.
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
