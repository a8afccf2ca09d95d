from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.local.conftest import Account

SECRET = {
    "Secret": {
        "Type": "AWS::SecretsManager::Secret",
        "Properties": {"Name": "drift", "Description": "one", "SecretString": "x"},
    }
}


def drift(account: Account) -> str:
    cloudformation = account.client("cloudformation")
    cloudformation.detect_stack_drift(StackName="drift")
    (found,) = cloudformation.describe_stack_resource_drifts(StackName="drift")[
        "StackResourceDrifts"
    ]
    return str(found["StackResourceDriftStatus"])


@pytest.mark.slow
def test_drift_detection_finds_secrets_by_their_arn(account: Account) -> None:
    account.deploy("drift", SECRET)
    assert drift(account) == "IN_SYNC"
    account.client("secretsmanager").update_secret(SecretId="drift", Description="two")
    assert drift(account) == "MODIFIED"
    account.client("secretsmanager").delete_secret(
        SecretId="drift", ForceDeleteWithoutRecovery=True
    )
    assert drift(account) == "DELETED"


def detected(account: Account) -> tuple[str, list[str]]:
    """The status of the resource `It`, and the paths of what differs."""
    cloudformation = account.client("cloudformation")
    cloudformation.detect_stack_drift(StackName="drift")
    answer = cloudformation.describe_stack_resource_drifts(StackName="drift")
    (found,) = (one for one in answer["StackResourceDrifts"] if one["LogicalResourceId"] == "It")
    paths = [one["PropertyPath"] for one in found.get("PropertyDifferences", [])]
    return str(found["StackResourceDriftStatus"]), paths


def test_the_string_of_a_web_acl_reads_back_in_both_spellings(account: Account) -> None:
    match = {
        "SearchString": "x",
        "FieldToMatch": {"UriPath": {}},
        "PositionalConstraint": "EXACTLY",
        "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
    }
    rule = {"Name": "r", "Priority": 1, "Statement": {"ByteMatchStatement": match}}
    properties = {"Name": "acl", "Scope": "REGIONAL", "Rules": [rule]}
    account.deploy("drift", {"It": {"Type": "AWS::WAFv2::WebACL", "Properties": properties}})
    path = "/Rules/0/Statement/ByteMatchStatement/SearchStringBase64"
    assert detected(account) == ("MODIFIED", [path])
    waf = account.client("wafv2")
    (acl,) = waf.list_web_acls(Scope="REGIONAL")["WebACLs"]
    waf.delete_web_acl(Name="acl", Id=acl["Id"], Scope="REGIONAL", LockToken=acl["LockToken"])
    assert detected(account) == ("DELETED", [])


def test_statements_of_a_bucket_policy_are_compared(account: Account) -> None:
    bucket = f"drift-{account.id}"
    policy = {"Version": "2012-10-17", "Statement": []}
    properties = {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": policy}
    resources = {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": bucket}},
        "It": {"Type": "AWS::S3::BucketPolicy", "Properties": properties},
    }
    account.deploy("drift", resources)
    assert detected(account) == ("IN_SYNC", [])
    s3 = account.client("s3")
    more = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({**policy, "Statement": [more]}))
    assert detected(account) == ("MODIFIED", ["/PolicyDocument/Statement/0"])
    s3.delete_bucket_policy(Bucket=bucket)
    assert detected(account) == ("DELETED", [])
