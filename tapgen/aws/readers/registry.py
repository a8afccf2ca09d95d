"""Reading a resource of any type.

`READERS` has the types that Cloud Control cannot read, or not as well: docs/resource-types.md gives
the reason for each. A new one is a function in its service's module and an entry here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from tapgen.aws.errors import UnableError, code_of, explained
from tapgen.aws.readers import (
    acm,
    apigateway,
    awslambda,
    cloudfront,
    cloudwatch,
    codedeploy,
    cognito,
    dynamodb,
    ec2,
    firehose,
    iam,
    kms,
    logs,
    route53,
    s3,
    secretsmanager,
    sns,
    sqs,
    wafv2,
)
from tapgen.aws.readers.values import AbsentError, NotRead, Properties, Read, Reader
from tapgen.aws.resources.retained import Region
from tapgen.model.templates.intrinsics import Unknown
from tapgen.review.schemas import identifying, physical_id_of

Reading = Properties | NotRead | None
"""The properties of a resource, why they cannot be read, or None if it does not exist."""

READERS: Final[dict[str, Reader]] = {
    "AWS::ApiGateway::Account": Reader(apigateway.account),
    "AWS::ApiGateway::Authorizer": Reader(apigateway.authorizer),
    "AWS::ApiGateway::Deployment": Reader(apigateway.deployment),
    "AWS::ApiGateway::GatewayResponse": Reader(apigateway.gateway_response),
    "AWS::ApiGateway::Method": Reader(apigateway.method, frozenset({"AuthorizationScopes"})),
    "AWS::ApiGateway::Model": Reader(apigateway.model),
    "AWS::ApiGateway::RequestValidator": Reader(apigateway.request_validator),
    "AWS::ApiGateway::Resource": Reader(apigateway.resource),
    "AWS::ApiGateway::RestApi": Reader(apigateway.rest_api),
    "AWS::ApiGateway::Stage": Reader(apigateway.stage),
    "AWS::ApplicationAutoScaling::ScalableTarget": Reader(dynamodb.scalable_target),
    "AWS::ApplicationAutoScaling::ScalingPolicy": Reader(dynamodb.scaling_policy),
    "AWS::CertificateManager::Certificate": Reader(acm.certificate),
    "AWS::CloudFront::Distribution": Reader(cloudfront.distribution),
    "AWS::CloudFront::ResponseHeadersPolicy": Reader(cloudfront.response_headers_policy),
    "AWS::CloudWatch::Alarm": Reader(cloudwatch.alarm),
    "AWS::CloudWatch::Dashboard": Reader(cloudwatch.dashboard),
    "AWS::CodeDeploy::Application": Reader(codedeploy.application),
    "AWS::CodeDeploy::DeploymentGroup": Reader(codedeploy.deployment_group),
    "AWS::Cognito::UserPool": Reader(cognito.user_pool),
    "AWS::Cognito::UserPoolClient": Reader(cognito.user_pool_client),
    "AWS::Cognito::UserPoolDomain": Reader(cognito.user_pool_domain),
    "AWS::Cognito::UserPoolResourceServer": Reader(cognito.resource_server),
    "AWS::DynamoDB::Table": Reader(dynamodb.table, frozenset({"GlobalSecondaryIndexes"})),
    "AWS::EC2::EIP": Reader(ec2.address),
    "AWS::EC2::FlowLog": Reader(ec2.flow_log),
    "AWS::EC2::InternetGateway": Reader(ec2.internet_gateway),
    "AWS::EC2::NatGateway": Reader(ec2.nat_gateway),
    "AWS::EC2::Route": Reader(ec2.route),
    "AWS::EC2::RouteTable": Reader(ec2.route_table),
    "AWS::EC2::SecurityGroup": Reader(
        ec2.security_group, frozenset({"SecurityGroupEgress", "SecurityGroupIngress"})
    ),
    "AWS::EC2::Subnet": Reader(ec2.subnet),
    "AWS::EC2::SubnetRouteTableAssociation": Reader(ec2.route_table_association),
    "AWS::EC2::VPC": Reader(ec2.vpc),
    "AWS::EC2::VPCEndpoint": Reader(ec2.endpoint),
    "AWS::EC2::VPCGatewayAttachment": Reader(ec2.gateway_attachment),
    "AWS::IAM::Role": Reader(
        iam.role,
        frozenset({"ManagedPolicyArns", "PermissionsBoundary", "Policies", "WildcardActions"}),
    ),
    "AWS::KMS::Alias": Reader(kms.alias),
    "AWS::KMS::Key": Reader(kms.key),
    "AWS::KinesisFirehose::DeliveryStream": Reader(firehose.delivery_stream),
    "AWS::Lambda::Alias": Reader(awslambda.alias, frozenset({"RoutingConfig"})),
    "AWS::Lambda::EventInvokeConfig": Reader(awslambda.event_invoke_config),
    "AWS::Lambda::Function": Reader(
        awslambda.function, frozenset({"ReservedConcurrentExecutions"})
    ),
    "AWS::Lambda::Permission": Reader(awslambda.permission),
    "AWS::Lambda::Version": Reader(awslambda.version),
    "AWS::Logs::Delivery": Reader(logs.delivery),
    "AWS::Logs::DeliveryDestination": Reader(logs.delivery_destination),
    "AWS::Logs::DeliverySource": Reader(logs.delivery_source),
    "AWS::Logs::LogGroup": Reader(logs.log_group),
    "AWS::Logs::LogStream": Reader(logs.log_stream),
    "AWS::Route53::HostedZone": Reader(route53.hosted_zone),
    "AWS::Route53::RecordSet": Reader(route53.record_set),
    "AWS::S3::Bucket": Reader(s3.bucket, frozenset({"LoggingConfiguration"})),
    "AWS::S3::BucketPolicy": Reader(s3.bucket_policy),
    "AWS::SNS::Subscription": Reader(sns.subscription),
    "AWS::SNS::Topic": Reader(sns.topic),
    "AWS::SNS::TopicPolicy": Reader(sns.topic_policy),
    "AWS::SQS::Queue": Reader(sqs.queue),
    "AWS::SQS::QueuePolicy": Reader(sqs.queue_policy),
    "AWS::SecretsManager::Secret": Reader(secretsmanager.secret, frozenset({"ReplicaRegions"})),
    "AWS::WAFv2::LoggingConfiguration": Reader(wafv2.logging),
    "AWS::WAFv2::WebACL": Reader(wafv2.web_acl),
    "AWS::WAFv2::WebACLAssociation": Reader(wafv2.association),
}


def read(
    region: Region, resource_type: str, physical_id: str, declared: Mapping[str, Any]
) -> Reading:
    """The properties of a deployed resource of any type.

    A type that is not in `READERS` is read through Cloud Control. `NotRead` says why that is not
    possible. Raises `TapgenError` if the service does not answer.
    """
    reader = _reader(resource_type)
    with explained(f"reading {resource_type} {physical_id}"):
        try:
            return reader(region, physical_id, declared)
        except AbsentError:
            return None
        except UnableError as error:
            return NotRead(str(error))
        except ClientError as error:
            if resource_type in READERS and _says_absent(code_of(error)):
                return None
            raise


def read_identified(
    region: Region, resource_type: str, identifier: str, declared: Mapping[str, Any]
) -> Reading:
    """Like `read`, for a resource known by its identifier, with `|` between several values.

    Values that are declared, but not known yet, are taken from the identifier.
    """
    values = identifying(resource_type, identifier)
    known = {k: value for k, value in values.items() if isinstance(declared.get(k), Unknown)}
    physical_id = physical_id_of(resource_type, identifier)
    return read(region, resource_type, physical_id, {**declared, **known})


def _reader(resource_type: str) -> Read:
    if resource_type in READERS:
        return READERS[resource_type].read
    # Most environments have no such type, and every command that plans would load this.
    from tapgen.aws.readers.any_type import any_type

    return any_type(resource_type)


def counted(resource_type: str) -> frozenset[str]:
    """The properties of a type that are compared even if they are not declared."""
    return READERS[resource_type].closed if resource_type in READERS else frozenset()


_ABSENT: Final = ("doesnotexist", "notfound", "nosuch", "nonexist")


def _says_absent(code: str) -> bool:
    """Whether the code means not found: NoSuchBucket, InvalidVpcID.NotFound, WAFNonexistentItem."""
    return code == "404" or any(text in code.lower() for text in _ABSENT)
