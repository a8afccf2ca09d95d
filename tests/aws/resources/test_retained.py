"""Finding and deleting what outlives its stack, where deployments do not get to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.resources.retained import KINDS, Region, find, purge
from tapgen.errors import TapgenError

if TYPE_CHECKING:
    from tapgen.aws.account import Account

GROUP = "AWS::Logs::LogGroup"
ZONE = "AWS::Route53::HostedZone"
SECRET = "AWS::SecretsManager::Secret"
KEY = "AWS::KMS::Key"
POOL = "AWS::Cognito::UserPool"

ABSENT: dict[str, dict[str, Any]] = {
    POOL: {"UserPoolName": "absent"},
    "AWS::DynamoDB::Table": {"TableName": "absent"},
    "AWS::KMS::Alias": {"AliasName": "alias/absent"},
    KEY: {"AliasName": "alias/absent"},
    GROUP: {"LogGroupName": "/absent"},
    ZONE: {"Name": "absent.example.com"},
    "AWS::S3::Bucket": {"BucketName": "absent-bucket-of-nobody"},
    "AWS::SQS::Queue": {"QueueName": "absent"},
    SECRET: {"Name": "absent"},
}


@pytest.fixture
def region(account: Account) -> Region:
    return Region(account, "us-east-1")


def test_every_kind_is_tried_here() -> None:
    assert ABSENT.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", ABSENT)
def test_what_is_not_there_is_not_found(region: Region, kind: str) -> None:
    assert find(region, kind, ABSENT[kind]) is None


def test_types_that_cannot_be_adopted_are_not_found(region: Region) -> None:
    assert find(region, "AWS::SNS::Topic", {"TopicName": "x"}) is None


@pytest.mark.parametrize("kind", ["AWS::RDS::DBInstance", "AWS::SES::EmailIdentity"])
def test_types_that_tapgen_does_not_know_are_left_with_a_way_out(region: Region, kind: str) -> None:
    assert find(region, kind, {}) is None
    with pytest.raises(TapgenError, match=f"{kind} main is left") as caught:
        purge(region, kind, "main")
    assert "Delete it by hand" in caught.value.hint
    assert "tapgen/aws/resources/retained.py" in caught.value.hint


def test_a_name_that_only_a_deployment_knows_is_not_looked_for(region: Region) -> None:
    assert find(region, GROUP, {}) is None
    assert find(region, KEY, {"AliasName": None}) is None


@pytest.mark.parametrize(
    ("kind", "identifier"),
    [("AWS::DynamoDB::Table", "absent"), ("AWS::S3::Bucket", "absent-bucket-of-nobody")],
)
def test_purging_what_is_gone_is_fine(region: Region, kind: str, identifier: str) -> None:
    purge(region, kind, identifier)
    assert find(region, kind, ABSENT[kind]) is None


def test_other_refusals_are_errors(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.stub import Stubber

    with Stubber(region.client("dynamodb")) as aws:
        aws.add_client_error("describe_table", "AccessDeniedException", "no")
        with pytest.raises(TapgenError, match="looking for a retained AWS::DynamoDB::Table"):
            find(region, "AWS::DynamoDB::Table", {"TableName": "t"})
        aws.add_client_error("update_table", "AccessDeniedException", "no")
        with pytest.raises(TapgenError, match="deleting AWS::DynamoDB::Table t: AccessDenied"):
            purge(region, "AWS::DynamoDB::Table", "t")


def test_a_protected_table_is_purged(region: Region) -> None:
    client = region.client("dynamodb")
    client.create_table(
        TableName="guarded",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        DeletionProtectionEnabled=True,
    )
    purge(region, "AWS::DynamoDB::Table", "guarded")
    assert client.list_tables()["TableNames"] == []


def test_a_bucket_is_purged_with_versions_and_markers(region: Region) -> None:
    client, name = region.client("s3"), f"lab-{region.account.account_id}"
    client.create_bucket(Bucket=name)
    purge(region, "AWS::S3::Bucket", name)
    client.create_bucket(Bucket=name)
    versioned = {"Status": "Enabled"}
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioned)
    for body in (b"one", b"two"):
        client.put_object(Bucket=name, Key="log", Body=body)
    client.delete_object(Bucket=name, Key="log")
    purge(region, "AWS::S3::Bucket", name)
    assert client.list_buckets()["Buckets"] == []


def test_a_protected_log_group_is_purged(region: Region) -> None:
    client = region.client("logs")
    client.create_log_group(logGroupName="/lab/guarded")
    client.create_log_group(logGroupName="/lab/guarded-too")
    client.put_log_group_deletion_protection(
        logGroupIdentifier="/lab/guarded", deletionProtectionEnabled=True
    )
    assert find(region, GROUP, {"LogGroupName": "/lab/guarded"}) == "/lab/guarded"
    assert find(region, GROUP, {"LogGroupName": "/lab/guard"}) is None
    purge(region, GROUP, "/lab/guarded")
    left = client.describe_log_groups(logGroupNamePrefix="/lab")["logGroups"]
    assert [group["logGroupName"] for group in left] == ["/lab/guarded-too"]


def test_a_protected_user_pool_is_purged_with_its_domain(region: Region) -> None:
    client = region.client("cognito-idp")
    for name in ("guarded", "guarded-too"):
        made = client.create_user_pool(PoolName=name, DeletionProtection="ACTIVE")["UserPool"]
        domain = f"{name}-{region.account.account_id}"
        client.create_user_pool_domain(UserPoolId=made["Id"], Domain=domain)
    found = find(region, POOL, {"UserPoolName": "guarded"})
    assert found
    purge(region, POOL, found)
    (left,) = client.list_user_pools(MaxResults=10)["UserPools"]
    assert left["Name"] == "guarded-too"
    purge(region, POOL, found)


def test_a_user_pool_without_protection_and_domain_is_purged(region: Region) -> None:
    client = region.client("cognito-idp")
    made = client.create_user_pool(PoolName="bare")["UserPool"]
    purge(region, POOL, made["Id"])
    assert client.list_user_pools(MaxResults=10)["UserPools"] == []


def test_user_pools_of_one_name_are_not_guessed_between(region: Region) -> None:
    client = region.client("cognito-idp")
    ids = [client.create_user_pool(PoolName="twin")["UserPool"]["Id"] for _ in range(2)]
    with pytest.raises(TapgenError, match="several user pools called twin") as error:
        find(region, POOL, {"UserPoolName": "twin"})
    assert all(one in error.value.message for one in ids)
    assert "Delete or rename" in error.value.hint


def test_a_secret_on_its_way_out_is_not_adopted(region: Region) -> None:
    client = region.client("secretsmanager")
    client.create_secret(Name="lab/secret", SecretString="s")
    assert find(region, SECRET, {"Name": "lab/secret"}) is not None
    client.delete_secret(SecretId="lab/secret", RecoveryWindowInDays=7)
    assert find(region, SECRET, {"Name": "lab/secret"}) is None


def test_the_replicas_of_a_secret_are_purged_first(region: Region) -> None:
    from botocore.stub import Stubber

    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:lab-AbCdEf"
    with Stubber(region.client("secretsmanager")) as aws:
        replicas = [{"Region": "eu-west-1", "Status": "InSync"}]
        aws.add_response("describe_secret", {"ARN": arn, "ReplicationStatus": replicas})
        aws.add_response(
            "remove_regions_from_replication",
            {},
            {"SecretId": arn, "RemoveReplicaRegions": ["eu-west-1"]},
        )
        aws.add_response("delete_secret", {}, {"SecretId": arn, "ForceDeleteWithoutRecovery": True})
        purge(region, SECRET, arn)
        aws.assert_no_pending_responses()


def test_a_key_on_its_way_out_is_not_adopted(region: Region) -> None:
    client = region.client("kms")
    key = client.create_key()["KeyMetadata"]["KeyId"]
    client.create_alias(AliasName="alias/lab", TargetKeyId=key)
    assert find(region, KEY, {"AliasName": "alias/lab"}) == key
    purge(region, KEY, key)
    assert client.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert find(region, KEY, {"AliasName": "alias/lab"}) is None


def test_only_the_public_zone_of_the_very_name_is_found(region: Region) -> None:
    client = region.client("route53")
    client.create_hosted_zone(Name="lab.example.com", CallerReference="1")
    found = client.list_hosted_zones()["HostedZones"][0]["Id"].removeprefix("/hostedzone/")
    assert find(region, ZONE, {"Name": "lab.example.com"}) == found
    assert find(region, ZONE, {"Name": "aaa.example.com."}) is None
    purge(region, ZONE, found)
    assert client.list_hosted_zones()["HostedZones"] == []
    vpc = region.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    client.create_hosted_zone(
        Name="lab.example.com",
        CallerReference="2",
        VPC={"VPCRegion": "us-east-1", "VPCId": vpc},
        HostedZoneConfig={"PrivateZone": True},
    )
    assert find(region, ZONE, {"Name": "lab.example.com"}) is None
