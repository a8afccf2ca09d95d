"""ARNs in the account, region and partition that a stack is deployed to."""

from __future__ import annotations

from typing import Final

from troposphere import Ref, Sub

ACCOUNT: Final = Ref("AWS::AccountId")
ACCOUNT_ROOT: Final = Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")
# API Gateway creates it with the first API of an account (developer guide, "Using service-linked
# roles").
API_GATEWAY_ROLE: Final = Sub(
    "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-service-role/"
    "ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway"
)


def arn(service: str, resource: str, *, region: str = "${AWS::Region}") -> Sub:
    """The ARN of a regional resource. It may name parameters, as in `table/${Prefix}-x`."""
    return Sub(f"arn:${{AWS::Partition}}:{service}:{region}:${{AWS::AccountId}}:{resource}")


def bucket_arn(path: str) -> Sub:
    """The ARN of a bucket, or of objects in one: S3 ARNs have neither region nor account."""
    return Sub(f"arn:${{AWS::Partition}}:s3:::{path}")


def regional_service(name: str) -> Sub:
    """A service in the form of `kms:ViaService`, for instance `sqs.eu-west-1.amazonaws.com`."""
    return Sub(f"{name}.${{AWS::Region}}.amazonaws.com")
