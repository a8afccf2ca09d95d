"""From code in a bucket to an answer through API Gateway and CloudFront."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.local import client

if TYPE_CHECKING:
    from tests.local.conftest import Account

LAYER = "arn:aws:lambda:us-east-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python314-arm64:28"

CODE = """
import json, os
import boto3
from aws_lambda_powertools import Logger, Tracer
logger, tracer = Logger(service="probe"), Tracer(service="probe")

@tracer.capture_method
def stored(key):
    table = boto3.client("dynamodb")
    table.put_item(TableName=os.environ["TABLE"], Item={"id": {"S": key}})
    return table.get_item(TableName=os.environ["TABLE"], Key={"id": {"S": key}})["Item"]["id"]["S"]

@logger.inject_lambda_context
@tracer.capture_lambda_handler
def handler(event, context):
    headers = {name.lower(): value for name, value in event["headers"].items()}
    body = {
        "version": VERSION,
        "stored": stored(event["path"]),
        "host": headers.get("host"),
        "secret": headers.get("x-origin-secret"),
        "arn": context.invoked_function_arn,
    }
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"},
            "body": json.dumps(body)}
"""


def package(version: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", f"VERSION = {version}\n{CODE}")
    return buffer.getvalue()


def service(key: str) -> dict[str, Any]:
    invoke = {
        "Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
        "${Function.Arn}:live/invocations"
    }
    return {
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
            },
        },
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "lambda.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                        }
                    ],
                }
            },
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Code": {"S3Bucket": "code", "S3Key": key},
                "Handler": "app.handler",
                "Runtime": "python3.14",
                "Architectures": ["arm64"],
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "MemorySize": "512",
                "Timeout": "10",
                "Layers": [LAYER],
                "TracingConfig": {"Mode": "Active"},
                "Environment": {"Variables": {"TABLE": {"Ref": "Table"}}},
            },
        },
        f"Version{key}": {
            "Type": "AWS::Lambda::Version",
            "DeletionPolicy": "Retain",
            "Properties": {"FunctionName": {"Ref": "Function"}},
        },
        "Alias": {
            "Type": "AWS::Lambda::Alias",
            "Properties": {
                "Name": "live",
                "FunctionName": {"Ref": "Function"},
                "FunctionVersion": {"Fn::GetAtt": [f"Version{key}", "Version"]},
            },
        },
        "Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": {"Ref": "Alias"},
                "Action": "lambda:InvokeFunction",
                "Principal": "apigateway.amazonaws.com",
            },
        },
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "api"}},
        "Things": {
            "Type": "AWS::ApiGateway::Resource",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "ParentId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
                "PathPart": "things",
            },
        },
        "Get": {
            "Type": "AWS::ApiGateway::Method",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "ResourceId": {"Ref": "Things"},
                "HttpMethod": "GET",
                "AuthorizationType": "NONE",
                "Integration": {
                    "Type": "AWS_PROXY",
                    "IntegrationHttpMethod": "POST",
                    "Uri": invoke,
                },
            },
        },
        "Deployment": {
            "Type": "AWS::ApiGateway::Deployment",
            "DependsOn": ["Get"],
            "Properties": {"RestApiId": {"Ref": "Api"}},
        },
        "Stage": {
            "Type": "AWS::ApiGateway::Stage",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "DeploymentId": {"Ref": "Deployment"},
                "StageName": "v1",
                "TracingEnabled": True,
            },
        },
        "Headers": {
            "Type": "AWS::CloudFront::ResponseHeadersPolicy",
            "Properties": {
                "ResponseHeadersPolicyConfig": {
                    "Name": "security",
                    "SecurityHeadersConfig": {
                        "StrictTransportSecurity": {
                            "AccessControlMaxAgeSec": 63072000,
                            "IncludeSubdomains": True,
                            "Override": True,
                        },
                        "ContentTypeOptions": {"Override": True},
                    },
                }
            },
        },
        "Certificate": {
            "Type": "AWS::CertificateManager::Certificate",
            "Properties": {"DomainName": "api.example.com", "ValidationMethod": "DNS"},
        },
        "Distribution": {
            "Type": "AWS::CloudFront::Distribution",
            "Properties": {
                "DistributionConfig": {
                    "Enabled": True,
                    "Aliases": ["api.example.com"],
                    "ViewerCertificate": {
                        "AcmCertificateArn": {"Ref": "Certificate"},
                        "SslSupportMethod": "sni-only",
                    },
                    "HttpVersion": "http2and3",
                    "Origins": [
                        {
                            "Id": "api",
                            "DomainName": {
                                "Fn::Sub": "${Api}.execute-api.${AWS::Region}.amazonaws.com"
                            },
                            "OriginPath": "/v1",
                            "CustomOriginConfig": {
                                "OriginProtocolPolicy": "https-only",
                                "OriginSSLProtocols": ["TLSv1.2"],
                            },
                            "OriginCustomHeaders": [
                                {"HeaderName": "X-Origin-Secret", "HeaderValue": "open sesame"}
                            ],
                        }
                    ],
                    "DefaultCacheBehavior": {
                        "TargetOriginId": "api",
                        "ViewerProtocolPolicy": "https-only",
                        "AllowedMethods": [
                            "GET",
                            "HEAD",
                            "OPTIONS",
                            "PUT",
                            "PATCH",
                            "POST",
                            "DELETE",
                        ],
                        "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
                        "OriginRequestPolicyId": "b689b0a8-53d0-40ab-baf2-68738e2966ac",
                        "ResponseHeadersPolicyId": {"Ref": "Headers"},
                    },
                }
            },
        },
    }


OUTPUTS = {
    "Api": {"Fn::Sub": "https://${Api}.execute-api.${AWS::Region}.amazonaws.com/v1"},
    "Site": {"Fn::Sub": "https://${Distribution.DomainName}"},
}


def fetch(local: client.LocalAws, url: str) -> tuple[int, dict[str, Any], Any]:
    where, headers = client.api_url(local, url)
    request = urllib.request.Request(where, headers=headers)  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=600) as answer:  # noqa: S310 - loopback
            return answer.status, json.load(answer), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {"raw": error.read().decode()}, error.headers


@pytest.mark.slow
def test_a_request_reaches_the_function_directly_and_through_the_distribution(
    account: Account,
) -> None:
    s3 = account.client("s3")
    s3.create_bucket(Bucket="code")
    for version in (1, 2):
        s3.put_object(Bucket="code", Key=f"v{version}", Body=package(version))

    stack = account.deploy("service", service("v1"), outputs=OUTPUTS)
    assert stack["StackStatus"] == "CREATE_COMPLETE", account.reasons("service")
    outputs = stack["Outputs"]

    status, body, _ = fetch(account.local, f"{outputs['Api']}/things")
    assert status == 200, body
    assert (body["version"], body["stored"], body["secret"]) == (1, "/things", None)

    for site in (outputs["Site"], "https://api.example.com"):
        status, body, headers = fetch(account.local, f"{site}/things")
        assert status == 200, body
        assert body["secret"] == "open sesame"
        assert body["host"] in outputs["Api"]
        assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"

    host = outputs["Api"].removeprefix("https://").removesuffix("/v1")
    direct = urllib.request.Request(  # noqa: S310 - loopback
        f"{account.local.endpoint_url}/v1/things", headers={"Host": host}
    )
    with urllib.request.urlopen(direct, timeout=600) as answer:  # noqa: S310 - loopback
        assert json.load(answer)["host"] == host

    updated = account.deploy("service", service("v2"), outputs=OUTPUTS)
    assert updated["StackStatus"] == "UPDATE_COMPLETE", account.reasons("service")
    assert updated["Outputs"] == outputs
    for url in outputs.values():
        _, body, _ = fetch(account.local, f"{url}/things")
        assert body["version"] == 2


def distribution(**config: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::CloudFront::Distribution",
        "Properties": {
            "DistributionConfig": {
                "Enabled": True,
                "Origins": [
                    {
                        "Id": "api",
                        "DomainName": "abc.execute-api.us-east-1.amazonaws.com",
                        "CustomOriginConfig": config,
                    }
                ],
                "DefaultCacheBehavior": {
                    "TargetOriginId": "api",
                    "ViewerProtocolPolicy": "allow-all",
                    "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
                },
            }
        },
    }


def test_a_deployed_api_answers_the_distribution_over_https_only(account: Account) -> None:
    resources = {
        "Plain": distribution(OriginProtocolPolicy="http-only"),
        "Secure": distribution(OriginProtocolPolicy="https-only"),
    }
    outputs = {name: {"Fn::Sub": f"https://${{{name}.DomainName}}/v1/things"} for name in resources}
    made = account.deploy("cdn", resources, outputs=outputs)["Outputs"]
    # MiniStack refuses to dial a real AWS name; over TLS the (unknown) API itself answers.
    assert fetch(account.local, made["Plain"])[0] == 502
    assert fetch(account.local, made["Secure"])[0] == 404
