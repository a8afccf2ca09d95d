"""What readers say about resources that are not (or not quite) there.

That they read what is there is tested on whole environments, by
tests/deploy/observe/test_verify.py.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tapgen.aws.account import Account, Connection
from tapgen.aws.readers.apigateway import _method_setting
from tapgen.aws.readers.registry import READERS, read
from tapgen.aws.readers.route53 import _record
from tapgen.aws.readers.s3 import _ask
from tapgen.aws.readers.values import capitalised, same_name, tags
from tapgen.aws.resources.retained import Region
from tapgen.aws.resources.tags import pairs
from tapgen.errors import TapgenError
from tapgen.render.sources.builders import blueprint_of

if TYPE_CHECKING:
    from tapgen.local.client import LocalAws

ARN = "arn:aws:lambda:us-east-1:777777777777:function:f"


@pytest.fixture
def region(local_aws: LocalAws) -> Region:
    connection = Connection(endpoint_url=local_aws.endpoint_url, local=True)
    return Region(Account("777777777777", connection), "us-east-1")


@pytest.mark.parametrize(
    ("resource_type", "physical_id", "declared"),
    [
        ("AWS::CloudWatch::Alarm", "none", {}),
        ("AWS::Cognito::UserPool", "us-east-1_none", {}),
        ("AWS::Cognito::UserPoolDomain", "none", {"Domain": "none"}),
        ("AWS::DynamoDB::Table", "none", {}),
        ("AWS::EC2::VPC", "vpc-0", {}),
        ("AWS::IAM::Role", "none", {}),
        ("AWS::KMS::Alias", "alias/none", {}),
        ("AWS::Lambda::Function", "none", {}),
        ("AWS::Lambda::Permission", "none", {"FunctionName": ARN, "SourceArn": "x"}),
        ("AWS::Logs::LogGroup", "none", {}),
        ("AWS::S3::Bucket", "none-777777777777", {}),
        ("AWS::S3::BucketPolicy", "none", {"Bucket": "none-777777777777"}),
        ("AWS::SNS::Topic", "arn:aws:sns:us-east-1:777777777777:none", {}),
        ("AWS::SQS::Queue", "http://127.0.0.1/777777777777/none", {}),
        ("AWS::SecretsManager::Secret", "none", {}),
        ("AWS::WAFv2::WebACL", "none|00000000-0000-4000-8000-000000000000|REGIONAL", {}),
    ],
)
def test_what_is_not_there_is_none(
    region: Region, resource_type: str, physical_id: str, declared: dict[str, Any]
) -> None:
    assert read(region, resource_type, physical_id, declared) is None


def test_a_secret_that_waits_for_its_deletion_is_gone(region: Region) -> None:
    secrets = region.client("secretsmanager")
    arn = secrets.create_secret(Name="waiting", SecretString="x")["ARN"]
    assert read(region, "AWS::SecretsManager::Secret", arn, {}) is not None
    secrets.delete_secret(SecretId=arn, RecoveryWindowInDays=7)
    assert read(region, "AWS::SecretsManager::Secret", arn, {}) is None


def test_a_secret_never_gives_its_value(region: Region) -> None:
    arn = region.client("secretsmanager").create_secret(Name="told", SecretString="open sesame")
    found = read(region, "AWS::SecretsManager::Secret", arn["ARN"], {})
    assert "open sesame" not in json.dumps(found, default=str)


def test_an_app_client_never_gives_its_secret(region: Region) -> None:
    cognito = region.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="told")["UserPool"]["Id"]
    made = cognito.create_user_pool_client(UserPoolId=pool, ClientName="told", GenerateSecret=True)[
        "UserPoolClient"
    ]
    declared = {"UserPoolId": pool}
    found = read(region, "AWS::Cognito::UserPoolClient", made["ClientId"], declared)
    assert isinstance(found, dict)
    assert found["GenerateSecret"] is True
    assert made["ClientSecret"] not in json.dumps(found, default=str)


def test_another_error_than_absence_is_an_error(region: Region) -> None:
    with pytest.raises(TapgenError, match="ValidationException"):
        read(region, "AWS::WAFv2::WebACL", "none|no-id|REGIONAL", {})
    with pytest.raises(TapgenError, match="reading AWS::EC2::VPC"):
        read(region, "AWS::EC2::VPC", 5, {})  # type: ignore[arg-type]


def test_permissions_are_found_by_their_source(region: Region) -> None:
    functions = region.client("lambda")
    role = "arn:aws:iam::777777777777:role/r"
    region.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")
    code = {"ZipFile": b"PK\x05\x06" + b"\0" * 18}
    functions.create_function(
        FunctionName="f", Role=role, Handler="f.f", Runtime="python3.13", Code=code
    )
    source = "arn:aws:execute-api:us-east-1:777777777777:api/v1/GET/health"
    functions.add_permission(
        FunctionName="f",
        StatementId="s",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=source,
    )
    declared = {"FunctionName": ARN, "SourceArn": source}
    found = read(region, "AWS::Lambda::Permission", "s", declared)
    assert found == {
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": source,
    }
    declared["SourceArn"] = f"{source}/other"
    assert read(region, "AWS::Lambda::Permission", "s", declared) is None


def test_only_declared_tags_count() -> None:
    found = pairs([{"Key": "Project", "Value": "p"}, {"Key": "aws:x", "Value": "y"}])
    declared = {"Tags": [{"Key": "Project", "Value": "q"}, {"Key": "Layer", "Value": "l"}]}
    assert tags(found, declared) == [{"Key": "Project", "Value": "p"}]


def test_names_are_spelled_as_declared() -> None:
    assert same_name("Pay.Example.com.", "pay.example.com") == "pay.example.com"
    assert same_name("other.example.com.", "pay.example.com") == "other.example.com."
    assert same_name("pay.example.com.", None) == "pay.example.com."


def test_keys_are_capitalised_at_every_depth() -> None:
    assert capitalised({"a": [{"bC": 1}], "D": "e"}) == {"A": [{"BC": 1}], "D": "e"}


def test_method_settings_of_every_method_and_of_one() -> None:
    assert _method_setting("*/*", {})["ResourcePath"] == "/*"
    one = _method_setting("~1transactions~1{id}/GET", {"dataTraceEnabled": False})
    assert one == {
        "ResourcePath": "/transactions/{id}",
        "HttpMethod": "GET",
        "DataTraceEnabled": False,
    }


def test_records_are_aliases_or_values() -> None:
    found = {"TTL": 60, "ResourceRecords": [{"Value": "a"}, {"Value": "b"}]}
    assert _record(found, {}) == {"TTL": 60, "ResourceRecords": ["a", "b"]}


def test_every_type_in_a_template_has_a_reader() -> None:
    from tapgen.payments.layers.registry import LAYERS

    types = {
        resource.resource_type
        for layer in LAYERS
        for resource in blueprint_of(layer).template.resources.values()
    }
    assert types <= READERS.keys()


def test_a_setting_that_a_bucket_lacks_is_nothing_and_one_that_is_refused_an_error() -> None:
    def answer(code: str) -> Any:
        raise ClientError({"Error": {"Code": code}}, "GetBucketTagging")

    assert _ask(answer, code="NoSuchTagSet") == {}
    with pytest.raises(ClientError, match="AccessDenied"):
        _ask(answer, code="AccessDenied")
