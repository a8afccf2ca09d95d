"""Finding and deleting what outlives its stack, where deployments do not get to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.resources.kept import find, purge
from tapgen.aws.resources.retained import KINDS, Region
from tapgen.aws.resources.tags import TAGS
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.templates.stateful import FOUND_AGAIN
from tapgen.review.schemas import identifier_properties

if TYPE_CHECKING:
    from tapgen.aws.account import Account

GROUP = "AWS::Logs::LogGroup"
ZONE = "AWS::Route53::HostedZone"
SECRET = "AWS::SecretsManager::Secret"
KEY = "AWS::KMS::Key"
POOL = "AWS::Cognito::UserPool"
TABLE = "AWS::DynamoDB::Table"
OWNER = {"Environment": "lab", "Layer": "data"}
LISTED = [{"Key": name, "Value": value} for name, value in OWNER.items()]

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
    assert ABSENT.keys() == KINDS.keys() == TAGS.keys()


@pytest.mark.parametrize("kind", ABSENT)
def test_what_is_not_there_is_not_found(region: Region, kind: str) -> None:
    assert find(region, kind, ABSENT[kind], OWNER) is None


def test_a_name_that_only_a_deployment_knows_is_not_looked_for(region: Region) -> None:
    assert find(region, GROUP, {}, OWNER) is None
    assert find(region, KEY, {"AliasName": None}, OWNER) is None


@pytest.mark.parametrize(
    ("kind", "identifier"),
    [("AWS::DynamoDB::Table", "absent"), ("AWS::S3::Bucket", "absent-bucket-of-nobody")],
)
def test_purging_what_is_gone_is_fine(region: Region, kind: str, identifier: str) -> None:
    purge(region, kind, identifier)
    assert find(region, kind, ABSENT[kind], OWNER) is None


def test_other_refusals_are_errors(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.stub import Stubber

    with Stubber(region.client("dynamodb")) as aws:
        aws.add_client_error("describe_table", "AccessDeniedException", "no")
        with pytest.raises(TapgenError, match="looking for a retained AWS::DynamoDB::Table"):
            find(region, "AWS::DynamoDB::Table", {"TableName": "t"}, OWNER)
        aws.add_client_error("describe_table", "AccessDeniedException", "no")
        with pytest.raises(TapgenError, match="deleting AWS::DynamoDB::Table t: AccessDenied"):
            purge(region, "AWS::DynamoDB::Table", "t")


def make_table(region: Region, name: str, **more: Any) -> None:
    region.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        **more,
    )


def test_a_protected_table_is_purged(region: Region) -> None:
    make_table(region, "guarded", DeletionProtectionEnabled=True)
    purge(region, TABLE, "guarded")
    assert region.client("dynamodb").list_tables()["TableNames"] == []


def test_a_table_at_work_is_purged_when_it_is_done(region: Region) -> None:
    client = region.client("dynamodb")
    make_table(region, "busy")
    client.update_table(
        TableName="busy",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[
            {
                "Create": {
                    "IndexName": "again",
                    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            }
        ],
    )
    purge(region, TABLE, "busy")
    assert client.list_tables()["TableNames"] == []


def test_an_index_at_work_is_waited_for_and_so_is_the_deletion(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table is ACTIVE while an index of it is still made, and DELETING for a while."""
    from botocore.stub import Stubber

    monkeypatch.setattr("tapgen.aws.polling.time.sleep", lambda _: None)
    with Stubber(region.client("dynamodb")) as aws:

        def table(status: str, *indexes: str) -> dict[str, Any]:
            made = [{"IndexName": "one", "IndexStatus": one} for one in indexes]
            return {"Table": {"TableStatus": status, "GlobalSecondaryIndexes": made}}

        for answer in (table("ACTIVE", "CREATING"), table("UPDATING", "ACTIVE"), table("ACTIVE")):
            aws.add_response("describe_table", answer, {"TableName": "t"})
        aws.add_response("delete_table", {}, {"TableName": "t"})
        aws.add_response("describe_table", table("DELETING"))
        aws.add_client_error("describe_table", "ResourceNotFoundException", "gone")
        purge(region, TABLE, "t")
        aws.assert_no_pending_responses()


def test_a_table_that_never_comes_to_rest_is_an_error_after_ten_minutes(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_table(region, "endless")
    client = region.client("dynamodb")
    clock = iter(range(0, 10_000, 300))
    monkeypatch.setattr("tapgen.aws.polling.time.monotonic", lambda: float(next(clock)))
    monkeypatch.setattr("tapgen.aws.polling.time.sleep", lambda _: None)
    busy = {"Table": {"TableStatus": "UPDATING"}}
    monkeypatch.setattr(client, "describe_table", lambda **_: busy)
    with pytest.raises(TapgenError, match="an update of table endless did not end within 600 s"):
        purge(region, TABLE, "endless")
    assert client.list_tables()["TableNames"] == ["endless"]


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
    client.create_log_group(logGroupName="/lab/guarded", tags=OWNER)
    client.create_log_group(logGroupName="/lab/guarded-too")
    client.put_log_group_deletion_protection(
        logGroupIdentifier="/lab/guarded", deletionProtectionEnabled=True
    )
    assert find(region, GROUP, {"LogGroupName": "/lab/guarded"}, OWNER) == "/lab/guarded"
    assert find(region, GROUP, {"LogGroupName": "/lab/guard"}, OWNER) is None
    purge(region, GROUP, "/lab/guarded")
    left = client.describe_log_groups(logGroupNamePrefix="/lab")["logGroups"]
    assert [group["logGroupName"] for group in left] == ["/lab/guarded-too"]


def test_a_protected_user_pool_is_purged_with_its_domain(region: Region) -> None:
    client = region.client("cognito-idp")
    for name in ("guarded", "guarded-too"):
        made = client.create_user_pool(
            PoolName=name, DeletionProtection="ACTIVE", UserPoolTags=OWNER
        )["UserPool"]
        domain = f"{name}-{region.account.account_id}"
        client.create_user_pool_domain(UserPoolId=made["Id"], Domain=domain)
    found = find(region, POOL, {"UserPoolName": "guarded"}, OWNER)
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


def make_pools(region: Region, *tags: dict[str, str]) -> list[str]:
    client = region.client("cognito-idp")
    return [
        client.create_user_pool(PoolName="twin", UserPoolTags=one)["UserPool"]["Id"] for one in tags
    ]


def test_of_several_the_one_with_the_tags_is_found(region: Region) -> None:
    _, ours, _ = make_pools(region, {}, {**OWNER, "CostCenter": "1"}, {"Environment": "other"})
    assert find(region, POOL, {"UserPoolName": "twin"}, OWNER) == ours


def test_several_with_the_tags_are_not_guessed_between(region: Region) -> None:
    other, *ours = make_pools(region, {}, OWNER, OWNER)
    with pytest.raises(RefusedError, match="several AWS::Cognito::UserPool named twin") as error:
        find(region, POOL, {"UserPoolName": "twin"}, OWNER)
    assert all(one in error.value.message for one in ours)
    assert other not in error.value.message
    assert "remove these tags from them" in error.value.hint


def make_key(region: Region, alias: str, tags: dict[str, str]) -> str:
    client = region.client("kms")
    listed = [{"TagKey": name, "TagValue": value} for name, value in tags.items()]
    key = client.create_key(Tags=listed)["KeyMetadata"]["KeyId"]
    client.create_alias(AliasName=alias, TargetKeyId=key)
    return str(key)


def make_zone(region: Region, name: str, tags: dict[str, str]) -> str:
    client = region.client("route53")
    reference = f"{name}{tags}"
    made = client.create_hosted_zone(Name=name, CallerReference=reference)["HostedZone"]["Id"]
    zone_id = str(made).removeprefix("/hostedzone/")
    if tags:
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        client.change_tags_for_resource(
            ResourceType="hostedzone", ResourceId=zone_id, AddTags=listed
        )
    return zone_id


def make(region: Region, kind: str, tags: dict[str, str]) -> dict[str, str]:
    """A resource of the kind with these tags; gives the property that names it."""
    listed = [{"Key": name, "Value": value} for name, value in tags.items()]
    name = f"lab-{region.account.account_id}"
    if kind == POOL:
        region.client("cognito-idp").create_user_pool(PoolName=name, UserPoolTags=tags)
    elif kind == TABLE:
        make_table(region, name, Tags=listed)
    elif kind in {KEY, "AWS::KMS::Alias"}:
        name = "alias/lab"
        make_key(region, name, tags)
    elif kind == GROUP:
        region.client("logs").create_log_group(logGroupName=name, tags=tags)
    elif kind == ZONE:
        name = "lab.example.com"
        make_zone(region, name, tags)
    elif kind == "AWS::S3::Bucket":
        region.client("s3").create_bucket(Bucket=name)
        if tags:
            region.client("s3").put_bucket_tagging(Bucket=name, Tagging={"TagSet": listed})
    elif kind == "AWS::SQS::Queue":
        region.client("sqs").create_queue(QueueName=name, tags=tags)
    else:
        assert kind == SECRET
        region.client("secretsmanager").create_secret(Name=name, SecretString="s", Tags=listed)
    return {KINDS[kind].name: name}


@pytest.mark.parametrize("kind", ABSENT)
def test_what_carries_the_tags_is_found(region: Region, kind: str) -> None:
    assert find(region, kind, make(region, kind, {**OWNER, "CostCenter": "1"}), OWNER) is not None


@pytest.mark.parametrize("tags", [{}, {**OWNER, "Layer": "other"}], ids=["none", "other"])
@pytest.mark.parametrize("kind", ABSENT)
def test_a_name_alone_is_no_proof(region: Region, kind: str, tags: dict[str, str]) -> None:
    named = make(region, kind, tags)
    with pytest.raises(RefusedError) as refused:
        find(region, kind, named, OWNER)
    (name,) = named.values()
    assert refused.value.message.startswith(f"{kind} {name}")
    assert refused.value.message.endswith("does not have the tags Environment=lab, Layer=data")
    assert "give it these tags" in refused.value.hint


def test_a_secret_on_its_way_out_is_not_adopted(region: Region) -> None:
    client = region.client("secretsmanager")
    client.create_secret(Name="lab/secret", SecretString="s", Tags=LISTED)
    assert find(region, SECRET, {"Name": "lab/secret"}, OWNER) is not None
    client.delete_secret(SecretId="lab/secret", RecoveryWindowInDays=7)
    assert find(region, SECRET, {"Name": "lab/secret"}, OWNER) is None


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
    key = make_key(region, "alias/lab", OWNER)
    assert find(region, KEY, {"AliasName": "alias/lab"}, OWNER) == key
    purge(region, KEY, key)
    assert client.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert find(region, KEY, {"AliasName": "alias/lab"}, OWNER) is None


def test_only_the_public_zone_of_the_very_name_is_found(region: Region) -> None:
    client = region.client("route53")
    found = make_zone(region, "lab.example.com", OWNER)
    assert find(region, ZONE, {"Name": "lab.example.com"}, OWNER) == found
    assert find(region, ZONE, {"Name": "aaa.example.com."}, OWNER) is None
    theirs = make_zone(region, "lab.example.com", {})
    assert find(region, ZONE, {"Name": "lab.example.com"}, OWNER) == found
    region.client("route53").delete_hosted_zone(Id=theirs)
    purge(region, ZONE, found)
    assert client.list_hosted_zones()["HostedZones"] == []
    vpc = region.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    client.create_hosted_zone(
        Name="lab.example.com",
        CallerReference="2",
        VPC={"VPCRegion": "us-east-1", "VPCId": vpc},
        HostedZoneConfig={"PrivateZone": True},
    )
    assert find(region, ZONE, {"Name": "lab.example.com"}, OWNER) is None


def test_a_zone_is_purged_with_the_delegations_in_it(region: Region) -> None:
    client = region.client("route53")
    zone = make_zone(region, "lab.example.com", OWNER)
    records = [
        ("NS", "dev.lab.example.com", "ns-1.example.net"),
        ("A", "lab.example.com", "192.0.2.1"),
    ]
    changes = [
        {
            "Action": "CREATE",
            "ResourceRecordSet": {
                "Name": name,
                "Type": kind,
                "TTL": 60,
                "ResourceRecords": [{"Value": value}],
            },
        }
        for kind, name, value in records
    ]
    client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    purge(region, ZONE, zone)
    assert client.list_hosted_zones()["HostedZones"] == []


def test_what_is_found_again_is_what_rules_and_guards_believe() -> None:
    names = {kind: known.name for kind, known in KINDS.items()}
    assert names == {**FOUND_AGAIN, KEY: "AliasName"}


def test_what_an_import_asks_for_is_what_the_schemas_say() -> None:
    for kind, known in KINDS.items():
        assert identifier_properties(kind) == (known.identifier,)
