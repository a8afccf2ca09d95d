"""Properties that MiniStack drops or refuses, read back as they were declared."""

from __future__ import annotations

import contextlib
import http.client
from typing import TYPE_CHECKING, Any

import pytest
from ministack import app
from ministack.services import acm, cloudwatch, secretsmanager, waf

if TYPE_CHECKING:
    from tests.local.conftest import Account

API = {
    "Api": {
        "Type": "AWS::ApiGateway::RestApi",
        "Properties": {"Name": "api", "EndpointConfiguration": {"Types": ["REGIONAL"]}},
    },
    "Health": {
        "Type": "AWS::ApiGateway::Resource",
        "Properties": {
            "RestApiId": {"Ref": "Api"},
            "ParentId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
            "PathPart": "health",
        },
    },
    "Get": {
        "Type": "AWS::ApiGateway::Method",
        "Properties": {
            "RestApiId": {"Ref": "Api"},
            "ResourceId": {"Ref": "Health"},
            "HttpMethod": "GET",
            "AuthorizationType": "NONE",
            "Integration": {"Type": "MOCK"},
        },
    },
    "Deployment": {
        "Type": "AWS::ApiGateway::Deployment",
        "DependsOn": ["Get"],
        "Properties": {"RestApiId": {"Ref": "Api"}},
    },
}


def stage(**properties: Any) -> dict[str, Any]:
    given = {
        "RestApiId": {"Ref": "Api"},
        "DeploymentId": {"Ref": "Deployment"},
        "StageName": "v1",
        **properties,
    }
    return {**API, "Stage": {"Type": "AWS::ApiGateway::Stage", "Properties": given}}


def alarm(**properties: Any) -> dict[str, Any]:
    given = {
        "AlarmName": "sum",
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": "5",
        "EvaluationPeriods": 1,
        **properties,
    }
    return {"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": given}}


def queries(label: str) -> list[dict[str, Any]]:
    metric = {"Namespace": "N", "MetricName": "M", "Dimensions": [{"Name": "D", "Value": "V"}]}
    return [
        {"Id": "total", "Expression": "FILL(m0, 0)", "Label": label, "ReturnData": "true"},
        {
            "Id": "m0",
            "MetricStat": {"Metric": metric, "Period": "300", "Stat": "Sum"},
            "ReturnData": False,
        },
    ]


def test_private_names_are_there() -> None:
    assert "/health" in app._HEALTH_PATHS
    assert len(app._HEALTH_PATHS) > 1
    assert callable(acm._cert_shape)
    assert hasattr(cloudwatch, "_alarms")
    assert hasattr(waf, "_web_acls")
    assert callable(secretsmanager._resolve)
    assert callable(secretsmanager._delete_replicas)


def test_alarms_of_metric_math_hold_their_queries(account: Account) -> None:
    def described() -> Any:
        (found,) = account.client("cloudwatch").describe_alarms(AlarmNames=["sum"])["MetricAlarms"]
        return found

    account.deploy("alarms", alarm(Metrics=queries("first")))
    total, term = described()["Metrics"]
    assert (total["Label"], total["ReturnData"]) == ("first", True)
    assert term["MetricStat"]["Period"] == 300
    assert described().get("MetricName") is None
    assert described()["Threshold"] == 5
    account.deploy("alarms", alarm(Metrics=queries("second")))
    assert described()["Metrics"][0]["Label"] == "second"
    account.deploy("alarms", alarm(MetricName="M", Namespace="N"))
    assert described()["MetricName"] == "M"
    assert not described().get("Metrics")


def test_endpoints_are_spelled_as_the_api_does(account: Account) -> None:
    account.deploy("api", stage())
    (found,) = account.client("apigateway").get_rest_apis()["items"]
    assert found["endpointConfiguration"]["types"] == ["REGIONAL"]


def test_stages_log_where_they_are_told(account: Account) -> None:
    def logged() -> Any:
        apis = account.client("apigateway")
        (api,) = apis.get_rest_apis()["items"]
        found = apis.get_stage(restApiId=api["id"], stageName="v1")
        return found.get("accessLogSettings")

    stream = "arn:aws:firehose:us-east-1:1:deliverystream/amazon-apigateway-x"
    account.deploy("api", stage(AccessLogSetting={"DestinationArn": stream, "Format": "$id\n"}))
    assert logged() == {"destinationArn": stream, "format": "$id\n"}
    account.deploy("api", stage(AccessLogSetting={"DestinationArn": stream, "Format": "$other"}))
    assert logged()["format"] == "$other"
    account.deploy(
        "api",
        stage(
            Description="kept",
            AccessLogSetting={"DestinationArn": stream, "Format": "$other"},
        ),
    )
    assert logged()["format"] == "$other"


def test_the_path_health_is_left_to_apis(account: Account) -> None:
    def status(path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", account.local.port)
        with contextlib.closing(connection):
            connection.request("GET", path)
            return connection.getresponse().status

    assert status("/_ministack/health") == 200
    assert status("/health") == 404  # for S3 a bucket that is not there


def test_web_acls_hold_the_bodies_of_their_refusals(account: Account) -> None:
    visible = {
        "CloudWatchMetricsEnabled": True,
        "SampledRequestsEnabled": False,
        "MetricName": "acl",
    }
    acl = {
        "Type": "AWS::WAFv2::WebACL",
        "Properties": {
            "Name": "acl",
            "Scope": "REGIONAL",
            "DefaultAction": {"Allow": {}},
            "VisibilityConfig": visible,
            "CustomResponseBodies": {"no": {"ContentType": "TEXT_PLAIN", "Content": "no"}},
        },
    }
    account.deploy("acl", {"Acl": acl})
    waf_client = account.client("wafv2")
    (listed,) = waf_client.list_web_acls(Scope="REGIONAL")["WebACLs"]
    found = waf_client.get_web_acl(Name="acl", Id=listed["Id"], Scope="REGIONAL")["WebACL"]
    assert found["CustomResponseBodies"] == {"no": {"ContentType": "TEXT_PLAIN", "Content": "no"}}


def test_certificates_tell_their_algorithm(account: Account) -> None:
    properties = {"DomainName": "pay.example.com", "KeyAlgorithm": "EC_prime256v1"}
    certificate = {"Type": "AWS::CertificateManager::Certificate", "Properties": properties}
    stack = account.deploy(
        "cert", {"Certificate": certificate}, outputs={"Arn": {"Ref": "Certificate"}}
    )
    acm_client = account.client("acm")
    found = acm_client.describe_certificate(CertificateArn=stack["Outputs"]["Arn"])
    assert found["Certificate"]["KeyAlgorithm"] == "EC_prime256v1"


def test_secrets_have_replicas(account: Account) -> None:
    def deploy(*regions: str) -> None:
        properties = {"Name": "s", "SecretString": "x"}
        replicas = {"ReplicaRegions": [{"Region": region} for region in regions]}
        given = {**properties, **replicas} if regions else properties
        account.deploy("s", {"S": {"Type": "AWS::SecretsManager::Secret", "Properties": given}})

    def held(region: str) -> bool:
        secrets = account.client("secretsmanager", region)
        return any(secret["Name"] == "s" for secret in secrets.list_secrets()["SecretList"])

    deploy("eu-west-1")
    assert held("eu-west-1")
    deploy("eu-west-1", "eu-central-1")
    assert held("eu-west-1")
    assert held("eu-central-1")
    deploy("eu-central-1")
    assert not held("eu-west-1")
    account.delete("s")
    assert not held("eu-central-1")
    assert not held("us-east-1")


def test_replicas_of_no_secret_cannot_be_removed(account: Account) -> None:
    secrets = account.client("secretsmanager")
    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        secrets.remove_regions_from_replication(SecretId="none", RemoveReplicaRegions=["eu-west-1"])
