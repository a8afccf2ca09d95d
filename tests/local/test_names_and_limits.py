"""What AWS takes once in the world, within a limit, or never again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.conftest import Account

if TYPE_CHECKING:
    from tapgen.local.client import LocalAws


CERTIFICATE = "arn:aws:acm:us-east-1:111111111111:certificate/1"


def distribution(*aliases: str) -> dict[str, Any]:
    return {
        "Site": {
            "Type": "AWS::CloudFront::Distribution",
            "Properties": {
                "DistributionConfig": {
                    "Enabled": True,
                    "Aliases": list(aliases),
                    "ViewerCertificate": {"AcmCertificateArn": CERTIFICATE} if aliases else {},
                    "Origins": [
                        {
                            "Id": "api",
                            "DomainName": "example.com",
                            "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"},
                        }
                    ],
                    "DefaultCacheBehavior": {
                        "TargetOriginId": "api",
                        "ViewerProtocolPolicy": "https-only",
                        "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
                    },
                }
            },
        }
    }


def test_an_alias_exists_once_over_all_accounts(local: LocalAws, account: Account) -> None:
    """From documentation: CloudFront API reference, CNAMEAlreadyExists."""
    other, alias = Account(local, "100000009001"), f"a{account.id}.example.org"
    assert account.deploy("site", distribution(alias))["StackStatus"] == "CREATE_COMPLETE"
    assert other.deploy("site", distribution(alias.upper()))["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "CNAMEAlreadyExists" in other.reasons("site")["Site"]
    both = distribution(alias, f"b{account.id}.example.org")
    assert account.deploy("site", both)["StackStatus"] == "UPDATE_COMPLETE"
    account.delete("site")
    other.delete("site")
    assert other.deploy("again", distribution(alias))["StackStatus"] == "CREATE_COMPLETE"
    other.delete("again")


@pytest.mark.parametrize(
    ("kind", "properties", "reason"),
    [
        (
            "AWS::CertificateManager::Certificate",
            {"DomainName": f"{'a' * 53}.example.com", "ValidationMethod": "DNS"},
            "cannot exceed 64 octets",
        ),
        ("AWS::S3::Bucket", {"BucketName": "xn--lab"}, "InvalidBucketName"),
        ("AWS::S3::Bucket", {"BucketName": "sthree-lab"}, "InvalidBucketName"),
        (
            "AWS::ApiGateway::Account",
            {"CloudWatchRoleArn": "arn:aws:iam::111111111111:role/logs"},
            "has never been created in your AWS account",
        ),
    ],
)
def test_what_aws_does_not_take_fails(
    account: Account, kind: str, properties: dict[str, Any], reason: str
) -> None:
    account.deploy("lab", {"It": {"Type": kind, "Properties": properties}})
    assert reason in account.reasons("lab")["It"]


def test_a_role_that_api_gateway_may_not_take_is_refused(account: Account) -> None:
    iam, gateway = account.client("iam"), account.client("apigateway")
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
                            "Action": "sts:AssumeRole"}]}  # fmt: skip
    role = iam.create_role(RoleName="logs", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    gateway.create_rest_api(name="lab")
    patches = [
        {"op": "replace", "path": "/features", "value": "UsagePlans"},
        {"op": "replace", "path": "/cloudwatchRoleArn", "value": role["Arn"]},
    ]
    with pytest.raises(ClientError, match="grant trust permission for API Gateway"):
        gateway.update_account(patchOperations=patches)
    assert "throttleSettings" in gateway.update_account(patchOperations=patches[:1])
    properties = {"CloudWatchRoleArn": role["Arn"]}
    account.deploy("lab", {"It": {"Type": "AWS::ApiGateway::Account", "Properties": properties}})
    assert "grant trust permission for API Gateway" in account.reasons("lab")["It"]


def test_the_name_of_a_secret_that_is_to_be_deleted_is_taken(account: Account) -> None:
    secrets = account.client("secretsmanager")
    secrets.create_secret(Name="lab/secret", SecretString="s")
    secrets.delete_secret(SecretId="lab/secret", RecoveryWindowInDays=7)
    secret = {"Name": "lab/secret", "SecretString": "s"}
    account.deploy("lab", {"It": {"Type": "AWS::SecretsManager::Secret", "Properties": secret}})
    assert "is already scheduled for deletion" in account.reasons("lab")["It"]


def test_an_account_with_an_api_takes_a_role_for_logs(account: Account) -> None:
    role = {"CloudWatchRoleArn": "arn:aws:iam::111111111111:role/logs"}
    resources = {
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "lab"}},
        "It": {"Type": "AWS::ApiGateway::Account", "DependsOn": ["Api"], "Properties": role},
    }
    assert account.deploy("lab", resources)["StackStatus"] == "CREATE_COMPLETE"
    assert account.client("apigateway").get_account()["cloudwatchRoleArn"].endswith("role/logs")


@pytest.mark.parametrize("name", ["UsernameAttributes", "AliasAttributes"])
def test_how_users_sign_in_is_settled_for_ever(account: Account, name: str) -> None:
    """From documentation: Cognito guide, "Configuring user pool attributes"."""

    def pool(**properties: Any) -> dict[str, Any]:
        return {"Pool": {"Type": "AWS::Cognito::UserPool", "Properties": properties}}

    account.deploy("pools", pool(UserPoolName="lab"))
    changed = account.deploy("pools", pool(UserPoolName="lab", **{name: ["email"]}))
    assert changed["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert account.reasons("pools")["Pool"] == f"Updates are not allowed for property - {name}."


def test_attributes_of_users_are_only_added(account: Account) -> None:
    """From documentation: CloudFormation user guide, AWS::Cognito::UserPool, Schema."""

    def pool(*names: str) -> dict[str, Any]:
        schema = [{"Name": name, "AttributeDataType": "String"} for name in names]
        properties = {"UserPoolName": "lab", "Schema": schema}
        return {"Pool": {"Type": "AWS::Cognito::UserPool", "Properties": properties}}

    account.deploy("pools", pool("a"))
    assert account.deploy("pools", pool("a", "b"))["StackStatus"] == "UPDATE_COMPLETE"
    assert account.deploy("pools", pool("b"))["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    reason = "Existing schema attributes cannot be modified or deleted."
    assert account.reasons("pools")["Pool"] == reason
