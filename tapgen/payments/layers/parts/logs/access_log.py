"""Access logs of the API: one line of JSON per request, through Firehose to the log bucket."""

from __future__ import annotations

import json
from typing import Any, Final

from awacs import kms, logs, s3
from awacs.aws import (
    Allow,
    Condition,
    PolicyDocument,
    Statement,
    StringEquals,
)
from troposphere import GetAtt, Ref, Sub
from troposphere.apigateway import AccessLogSetting
from troposphere.firehose import (
    BufferingHints,
    CloudWatchLoggingOptions,
    DeliveryStream,
    DeliveryStreamEncryptionConfigurationInput,
    EncryptionConfiguration,
    ExtendedS3DestinationConfiguration,
    KMSEncryptionConfig,
)
from troposphere.iam import Policy, Role
from troposphere.logs import LogStream

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.parts.iam.arns import ACCOUNT, arn, bucket_arn, regional_service
from tapgen.payments.layers.parts.iam.trust import trust
from tapgen.payments.layers.parts.logs.log_groups import LogGroups
from tapgen.payments.limits import ACCESS_LOG_FOLDER as _FOLDER
from tapgen.render.accepted import INLINE_POLICY, accepted

# API Gateway's service-linked role may write only to streams with this name.
STREAM_NAME: Final = "amazon-apigateway-${Prefix}"

_ERROR_LOG: Final = f"/aws/kinesisfirehose/{STREAM_NAME}"
_ERROR_STREAM: Final = "S3Delivery"
_BUCKET: Final = "${ApiLogsBucketName}"

# No query string, no header, and the resource's path instead of the request's, which would contain
# transaction ids and other input of the client.
_FIELDS: Final = {
    "requestId": "$context.requestId",
    "extendedRequestId": "$context.extendedRequestId",
    "traceId": "$context.xrayTraceId",
    "time": "$context.requestTimeEpoch",
    "sourceIp": "$context.identity.sourceIp",
    "clientId": "$context.authorizer.claims.client_id",
    "method": "$context.httpMethod",
    "resource": "$context.resourcePath",
    "status": "$context.status",
    "errorType": "$context.error.responseType",
    "responseBytes": "$context.responseLength",
    "responseMs": "$context.responseLatency",
    "integrationStatus": "$context.integration.status",
    "integrationMs": "$context.integrationLatency",
    "wafStatus": "$context.waf.status",
    "tlsVersion": "$context.tlsVersion",
}


def access_log(blueprint: Blueprint, log_groups: LogGroups, key_arn: Any) -> AccessLogSetting:
    """Add the stream to `ApiLogsBucketName` with its role. Returns the stage's setting.

    Delivery errors go to a separate log group.
    """
    errors = log_groups.add("AccessLogErrors", _ERROR_LOG)
    error_stream = blueprint.add(
        LogStream("AccessLogErrorStream", LogGroupName=Ref(errors), LogStreamName=_ERROR_STREAM)
    )
    role = blueprint.add(_role(key_arn))
    stream = blueprint.add(
        DeliveryStream(
            "AccessLogStream",
            DeliveryStreamName=Sub(STREAM_NAME),
            DeliveryStreamType="DirectPut",
            DeliveryStreamEncryptionConfigurationInput=DeliveryStreamEncryptionConfigurationInput(
                KeyType="CUSTOMER_MANAGED_CMK", KeyARN=key_arn
            ),
            ExtendedS3DestinationConfiguration=ExtendedS3DestinationConfiguration(
                RoleARN=GetAtt(role, "Arn"),
                BucketARN=bucket_arn(_BUCKET),
                Prefix=f"{_FOLDER}/!{{timestamp:yyyy/MM/dd}}/",
                ErrorOutputPrefix=(
                    f"{_FOLDER}-errors/!{{firehose:error-output-type}}/!{{timestamp:yyyy/MM/dd}}/"
                ),
                # A short interval, so that a request can be found soon in the log.
                BufferingHints=BufferingHints(IntervalInSeconds=60, SizeInMBs=5),
                CompressionFormat="GZIP",
                EncryptionConfiguration=EncryptionConfiguration(
                    KMSEncryptionConfig=KMSEncryptionConfig(AWSKMSKeyARN=key_arn)
                ),
                CloudWatchLoggingOptions=CloudWatchLoggingOptions(
                    Enabled=True, LogGroupName=Ref(errors), LogStreamName=Ref(error_stream)
                ),
            ),
        )
    )
    # Firehose does not separate records, so each ends with a newline.
    return AccessLogSetting(
        DestinationArn=GetAtt(stream, "Arn"),
        Format=json.dumps(_FIELDS, separators=(",", ":")) + "\n",
    )


def _role(key_arn: Any) -> Role:
    return Role(
        "AccessLogRole",
        Metadata=accepted(INLINE_POLICY),
        Description="Lets Firehose write the API's access logs into the log bucket.",
        # Firehose passes the account that it works for (its user guide, "Allow Firehose to assume
        # an IAM role").
        AssumeRolePolicyDocument=trust(
            "firehose", Condition(StringEquals({"sts:ExternalId": ACCOUNT}))
        ),
        Policies=[_policy(key_arn)],
    )


def _policy(key_arn: Any) -> Policy:
    return Policy(
        PolicyName="deliver-access-logs",
        PolicyDocument=PolicyDocument(
            Version="2012-10-17", Statement=[*_bucket(), _key(key_arn), _error_log()]
        ),
    )


def _bucket() -> list[Statement]:
    return [
        Statement(
            Sid="Bucket",
            Effect=Allow,
            Action=[s3.GetBucketLocation, s3.ListBucket, s3.ListBucketMultipartUploads],
            Resource=[bucket_arn(_BUCKET)],
        ),
        Statement(
            Sid="Objects",
            Effect=Allow,
            Action=[s3.AbortMultipartUpload, s3.GetObject, s3.PutObject],
            Resource=[
                bucket_arn(f"{_BUCKET}/{folder}/*") for folder in (_FOLDER, f"{_FOLDER}-errors")
            ],
        ),
    ]


def _key(key_arn: Any) -> Statement:
    services = [regional_service(name) for name in ("firehose", "s3")]
    return Statement(
        Sid="Key",
        Effect=Allow,
        Action=[kms.Decrypt, kms.GenerateDataKey],
        Resource=[key_arn],
        Condition=Condition(StringEquals({"kms:ViaService": services})),
    )


def _error_log() -> Statement:
    return Statement(
        Sid="Errors",
        Effect=Allow,
        Action=[logs.PutLogEvents],
        Resource=[arn("logs", f"log-group:{_ERROR_LOG}:log-stream:{_ERROR_STREAM}")],
    )
