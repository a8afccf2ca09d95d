"""Taking over what exists: refused as on AWS, and nothing of the resource is changed by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tapgen.aws.resources.tags import TAGS
from tapgen.local.services import stack_tags

if TYPE_CHECKING:
    from tests.local.conftest import Account

ROLE = "arn:aws:iam::123456789012:role/deployer"
TOPIC = "arn:aws:sns:us-east-1:123456789012:told"


def kept(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "DeletionPolicy": "Retain", "Properties": properties}


def importing(resources: dict[str, Any], **identifiers: dict[str, str]) -> dict[str, Any]:
    return {
        "ChangeSetType": "IMPORT",
        "ResourcesToImport": [
            {
                "ResourceType": resources[name]["Type"],
                "LogicalResourceId": name,
                "ResourceIdentifier": identifier,
            }
            for name, identifier in identifiers.items()
        ],
    }


def group(account: Account, **properties: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A log group that exists, declared, and the arguments that import it."""
    account.client("logs").create_log_group(logGroupName="/app")
    resources = {"Group": kept("AWS::Logs::LogGroup", LogGroupName="/app", **properties)}
    return resources, importing(resources, Group={"LogGroupName": "/app"})


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"RoleARN": ROLE}, "RoleArn"),
        ({"NotificationARNs": [TOPIC]}, "NotificationARNs"),
        ({"RoleARN": ROLE, "NotificationARNs": [TOPIC]}, "RoleArn, NotificationARNs"),
        ({"Tags": [{"Key": "a", "Value": "b"}]}, "Tags"),
        ({"outputs": {"Name": "/app"}}, "Outputs"),
    ],
)
@pytest.mark.parametrize("existing", [False, True])
def test_what_an_import_may_not_bring(
    account: Account, given: dict[str, Any], told: str, existing: bool
) -> None:
    resources, arguments = group(account)
    if existing:
        handle = {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}
        account.deploy("s", handle)
        resources |= handle
    words = rf"As part of the import operation, you cannot modify or add \[{told}\]"
    with pytest.raises(ClientError, match=words):
        account.change_set("s", resources, **{**arguments, **given})


@pytest.mark.parametrize(
    ("kind", "wrong", "expected"),
    [
        ("AWS::ApiGateway::Resource", {"RestApiId|ResourceId": "a|b"}, "RestApiId, ResourceId"),
        ("AWS::CodeDeploy::DeploymentGroup", {"DeploymentGroupName": "b"}, "ApplicationName, "),
        ("AWS::SSM::Parameter", {"Name": "/a", "Type": "String"}, "Name"),
    ],
)
def test_each_property_that_identifies_a_resource_is_asked_for(
    account: Account, kind: str, wrong: dict[str, str], expected: str
) -> None:
    resources = {"It": kept(kind)}
    words = rf"Invalid resource identifier for resource type {kind}. Expected \[{expected}"
    with pytest.raises(ClientError, match=words):
        account.change_set("s", resources, **importing(resources, It=wrong))


def test_what_a_type_requires_has_to_be_there(account: Account) -> None:
    kms = account.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/a", TargetKeyId=key)
    resources = {"Alias": kept("AWS::KMS::Alias", AliasName="alias/a")}
    arguments = importing(resources, Alias={"AliasName": "alias/a"})
    refused = account.change_set("s", resources, **arguments)
    assert (refused["Status"], refused["Changes"]) == ("FAILED", [])
    assert "required key [TargetKeyId] not found" in refused["StatusReason"]


def test_a_key_that_is_to_be_deleted_is_not_found(account: Account) -> None:
    kms = account.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    resources = {"Key": kept("AWS::KMS::Key")}
    arguments = importing(resources, Key={"KeyId": key})
    kms.schedule_key_deletion(KeyId=key)
    refused = account.change_set("s", resources, **arguments)
    assert refused["StatusReason"] == (
        f"Resource of type 'AWS::KMS::Key' with identifier '{key}' was not found."
    )
    kms.cancel_key_deletion(KeyId=key)
    assert account.change_set("s", resources, **arguments)["Status"] == "CREATE_COMPLETE"
    resources = {"Key": kept("AWS::KMS::Key")}
    absent = account.change_set("t", resources, **importing(resources, Key={"KeyId": "none"}))
    assert "does not exist" in absent["StatusReason"]


# Type -> properties, and which of them identifies it; None where AWS gives the id.
DATA: dict[str, tuple[dict[str, Any], str | None]] = {
    "AWS::ECR::Repository": ({"RepositoryName": "images"}, "RepositoryName"),
    "AWS::EFS::FileSystem": ({"Encrypted": True}, None),
    "AWS::Kinesis::Stream": ({"Name": "events"}, "Name"),
    "AWS::RDS::DBCluster": (
        {"DBClusterIdentifier": "shared", "Engine": "aurora-postgresql"},
        "DBClusterIdentifier",
    ),
    "AWS::RDS::DBInstance": (
        {"DBInstanceIdentifier": "orders", "Engine": "postgres"},
        "DBInstanceIdentifier",
    ),
    "AWS::RDS::DBSubnetGroup": (
        {
            "DBSubnetGroupName": "private",
            "DBSubnetGroupDescription": "d",
            "SubnetIds": [],
        },
        "DBSubnetGroupName",
    ),
}


def subnets(account: Account) -> list[str]:
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"us-east-1{zone}"
        )
        for number, zone in enumerate("ab")
    ]
    return [str(one["Subnet"]["SubnetId"]) for one in made]


@pytest.mark.parametrize("kind", DATA)
def test_data_of_other_types_is_taken_over_with_its_attributes(account: Account, kind: str) -> None:
    properties, name = DATA[kind]
    if "SubnetIds" in properties:
        properties = {**properties, "SubnetIds": subnets(account)}
    it = {"It": kept(kind, **properties)}
    arn = {
        "AWS::RDS::DBCluster": "DBClusterArn",
        "AWS::RDS::DBInstance": "DBInstanceArn",
        "AWS::RDS::DBSubnetGroup": None,
    }.get(kind, "Arn")
    outputs = {"Arn": {"Fn::GetAtt": ["It", arn]}} if arn else {"Arn": {"Ref": "It"}}
    before = account.deploy("s", it, outputs=outputs)["Outputs"]
    resource = account.client("cloudformation").describe_stack_resource(
        StackName="s", LogicalResourceId="It"
    )
    identifier = resource["StackResourceDetail"]["PhysicalResourceId"]
    account.delete("s")
    key = name or "FileSystemId"
    adopted = account.deploy("t", it, **importing(it, It={key: identifier}))
    assert adopted["StackStatus"] == "IMPORT_COMPLETE"
    assert account.deploy("t", it, outputs=outputs)["Outputs"] == before
    absent = account.change_set("u", it, **importing(it, It={key: "none"}))
    assert "was not found" in absent["StatusReason"]


def test_an_import_and_the_update_after_it_change_only_what_two_templates_differ_in(
    account: Account,
) -> None:
    logs, sqs, kms = (account.client(service) for service in ("logs", "sqs", "kms"))
    logs.create_log_group(logGroupName="/app")
    logs.put_retention_policy(logGroupName="/app", retentionInDays=7)
    url = sqs.create_queue(QueueName="q", Attributes={"MessageRetentionPeriod": "60"})["QueueUrl"]
    key = kms.create_key(Description="as it was")["KeyMetadata"]["KeyId"]
    pools = account.client("cognito-idp")
    pool = pools.create_user_pool(PoolName="p", DeletionProtection="INACTIVE")["UserPool"]["Id"]
    identifiers = {
        "Group": {"LogGroupName": "/app"},
        "Key": {"KeyId": key},
        "Pool": {"UserPoolId": pool},
        "Queue": {"QueueUrl": url},
    }

    def resources(tag: str) -> dict[str, Any]:
        tags = [{"Key": "tag", "Value": tag}]
        return {
            "Group": kept(
                "AWS::Logs::LogGroup", LogGroupName="/app", RetentionInDays=60, Tags=tags
            ),
            "Key": kept("AWS::KMS::Key", Description="declared", Tags=tags),
            "Pool": kept(
                "AWS::Cognito::UserPool",
                UserPoolName="p",
                DeletionProtection="ACTIVE",
                UserPoolTags={"tag": tag},
            ),
            "Queue": kept("AWS::SQS::Queue", QueueName="q", MessageRetentionPeriod=120, Tags=tags),
        }

    def live() -> tuple[Any, ...]:
        (found,) = logs.describe_log_groups()["logGroups"]
        queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return (
            found["retentionInDays"],
            kms.describe_key(KeyId=key)["KeyMetadata"]["Description"],
            pools.describe_user_pool(UserPoolId=pool)["UserPool"]["DeletionProtection"],
            queue["MessageRetentionPeriod"],
        )

    as_it_was = (7, "as it was", "INACTIVE", "60")
    adopted = account.deploy("s", resources("a"), **importing(resources("a"), **identifiers))
    assert (adopted["StackStatus"], live()) == ("IMPORT_COMPLETE", as_it_was)
    updated = account.deploy("s", resources("b"))
    assert (updated["StackStatus"], live()) == ("UPDATE_COMPLETE", as_it_was)
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"]["tag"] == "b"
    assert kms.list_resource_tags(KeyId=key)["Tags"][0]["TagValue"] == "b"


def test_an_import_puts_the_tags_of_the_stack_on_what_has_none_of_its_own(
    account: Account,
) -> None:
    name = f"by-hand-{account.id}"
    trust = '{"Version": "2012-10-17", "Statement": []}'
    account.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    s3 = account.client("s3")
    for bucket in (name, f"{name}-tagged"):
        s3.create_bucket(Bucket=bucket)
    mine = {"TagSet": [{"Key": "Mine", "Value": "x"}]}
    s3.put_bucket_tagging(Bucket=f"{name}-tagged", Tagging=mine)
    account.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    for group in (name, f"{name}-plain"):
        account.client("logs").create_log_group(logGroupName=group)
    account.client("secretsmanager").create_secret(Name=name, SecretString="s")
    found = {
        "Bucket": ("AWS::S3::Bucket", "BucketName", name),
        "Group": ("AWS::Logs::LogGroup", "LogGroupName", name),
        "Plain": ("AWS::Logs::LogGroup", "LogGroupName", f"{name}-plain"),
        "Key": (
            "AWS::KMS::Key",
            "KeyId",
            account.client("kms").create_key()["KeyMetadata"]["KeyId"],
        ),
        "Pool": (
            "AWS::Cognito::UserPool",
            "UserPoolId",
            account.client("cognito-idp").create_user_pool(PoolName=name)["UserPool"]["Id"],
        ),
        "Queue": (
            "AWS::SQS::Queue",
            "QueueUrl",
            account.client("sqs").create_queue(QueueName=name)["QueueUrl"],
        ),
        "Role": ("AWS::IAM::Role", "RoleName", name),
        "Secret": (
            "AWS::SecretsManager::Secret",
            "Id",
            account.client("secretsmanager").describe_secret(SecretId=name)["ARN"],
        ),
        "Table": ("AWS::DynamoDB::Table", "TableName", name),
        "Tagged": ("AWS::S3::Bucket", "BucketName", f"{name}-tagged"),
        "Topic": (
            "AWS::SNS::Topic",
            "TopicArn",
            account.client("sns").create_topic(Name=name)["TopicArn"],
        ),
    }
    own: dict[str, dict[str, Any]] = {
        "Group": {"Tags": [{"Key": "Owner", "Value": "its own"}]},
        "Role": {"AssumeRolePolicyDocument": {}},
        "Key": {"KeyPolicy": {}},
        "Table": {
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        },
    }
    handle = {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}
    resources = {
        logical_id: kept(kind, **own.get(logical_id, {}))
        for logical_id, (kind, *_) in found.items()
    }
    account.deploy("s", handle, Tags=[{"Key": "Owner", "Value": "stack"}])
    identifiers = {logical_id: {key: value} for logical_id, (_, key, value) in found.items()}
    taken = account.deploy("s", {**handle, **resources}, **importing(resources, **identifiers))
    assert taken["StackStatus"] == "IMPORT_COMPLETE"
    tagged = {
        logical_id: TAGS[kind](account, value).get("Owner")
        for logical_id, (kind, _, value) in found.items()
        if kind in TAGS
    }
    assert tagged.pop("Group") is None  # an import changes nothing of the resource itself
    assert set(tagged.values()) == {"stack"}
    every = {"Bucket", "Key", "Plain", "Pool", "Queue", "Secret", "Table", "Tagged"}
    assert set(tagged) == every
    kept_tags = s3.get_bucket_tagging(Bucket=f"{name}-tagged")["TagSet"]
    assert {tag["Key"] for tag in kept_tags} == {"Mine", "Owner"}
    role = account.client("iam").list_role_tags(RoleName=name)["Tags"]
    topic = account.client("sns").list_tags_for_resource(ResourceArn=found["Topic"][2])["Tags"]
    assert role == topic == [{"Key": "Owner", "Value": "stack"}]


def test_what_has_no_tags_from_its_stack_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr(stack_tags, "call", lambda *names, **_: called.append(names[1]))
    stack_tags.put_tags("AWS::KMS::Alias", "alias/a", {"Owner": "stack"})
    stack_tags.put_tags("AWS::SQS::Queue", "there", {})
    assert called == []
    stack_tags.put_tags("AWS::SQS::Queue", "there", {"Owner": "stack"})
    assert called == ["TagQueue"]


def test_an_import_that_fails_puts_no_tags(account: Account) -> None:
    resources, arguments = group(account)
    logs = account.client("logs")
    told = account.change_set("s", resources, **arguments)
    logs.delete_log_group(logGroupName="/app")
    account.client("cloudformation").execute_change_set(ChangeSetName=told["ChangeSetId"])
    assert account.settled("s")["StackStatus"] == "ROLLBACK_COMPLETE"
    assert logs.describe_log_groups()["logGroups"] == []


def test_a_resource_leads_to_the_stack_that_has_it(account: Account) -> None:
    resources, arguments = group(account)
    cloudformation = account.client("cloudformation")
    account.deploy("other", {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}})
    with pytest.raises(ClientError, match="Stack for /app does not exist"):
        cloudformation.describe_stack_resources(PhysicalResourceId="/app")
    account.deploy("s", resources, **arguments)
    for where in ({"PhysicalResourceId": "/app"}, {"StackName": "s"}):
        (found,) = cloudformation.describe_stack_resources(**where)["StackResources"]
        assert (found["StackName"], found["LogicalResourceId"]) == ("s", "Group")
