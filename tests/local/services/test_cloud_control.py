"""Cloud Control tells what services have now, and refuses what nobody could read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tapgen.local.services import live_resources
from tapgen.local.services.cloud_control import SERVICE
from tapgen.local.services.json_service import ServiceError
from tapgen.local.services.live_resources import LIVE, Live, optional
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.local.conftest import Account

TAGS = [{"Key": "Project", "Value": "p"}]
SUBNETS = {
    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
    **{
        name: {
            "Type": "AWS::EC2::Subnet",
            "Properties": {
                "VpcId": {"Ref": "Vpc"},
                "CidrBlock": f"10.0.{number}.0/24",
                "AvailabilityZone": f"us-east-1{'ab'[number]}",
            },
        }
        for number, name in enumerate(("One", "Two"))
    },
}
# Type -> properties that are set, and told again as they are.
TOLD: dict[str, dict[str, Any]] = {
    "AWS::ECR::Repository": {
        "RepositoryName": "images",
        "ImageTagMutability": "IMMUTABLE",
        "ImageScanningConfiguration": {"ScanOnPush": True},
        "RepositoryPolicyText": {"Version": "2012-10-17", "Statement": []},
        "LifecyclePolicy": {"LifecyclePolicyText": '{"rules": []}'},
        "Tags": TAGS,
    },
    "AWS::EFS::FileSystem": {
        "Encrypted": True,
        "PerformanceMode": "generalPurpose",
        "FileSystemTags": TAGS,
    },
    "AWS::Kinesis::Stream": {
        "Name": "events",
        "ShardCount": 2,
        "RetentionPeriodHours": 48,
        "Tags": TAGS,
    },
    "AWS::RDS::DBCluster": {
        "DBClusterIdentifier": "shared",
        "Engine": "aurora-postgresql",
        "BackupRetentionPeriod": 7,
        "DeletionProtection": False,
        "Tags": TAGS,
    },
    "AWS::RDS::DBInstance": {
        "DBInstanceIdentifier": "orders",
        "AllocatedStorage": "20",
        "BackupRetentionPeriod": 7,
        "DBInstanceClass": "db.t4g.micro",
        "DeletionProtection": False,
        "EnableIAMDatabaseAuthentication": True,
        "Engine": "postgres",
        "Port": "5432",
        "StorageEncrypted": True,
        "Tags": TAGS,
    },
    "AWS::RDS::DBSubnetGroup": {
        "DBSubnetGroupName": "private",
        "DBSubnetGroupDescription": "private",
        "SubnetIds": [{"Ref": "One"}, {"Ref": "Two"}],
        "Tags": TAGS,
    },
    "AWS::SSM::Parameter": {
        "Name": "/app/note",
        "Type": "String",
        "Value": "v",
        "Tags": {"Project": "p"},
    },
}


def made(account: Account, kind: str, **more: Any) -> str:
    """The physical id of the resource `It` of the stack `s`."""
    secret = {"MasterUsername": "root", "MasterUserPassword": "not-told-to-anybody"}
    given = secret if kind in {"AWS::RDS::DBCluster", "AWS::RDS::DBInstance"} else {}
    it = {"Type": kind, "Properties": {**TOLD[kind], **given, **more}}
    others = SUBNETS if "Subnet" in kind else {}
    stack = account.deploy("s", {"It": it, **others})
    assert stack["StackStatus"] in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}, account.reasons("s")
    found = account.client("cloudformation").describe_stack_resource(
        StackName="s", LogicalResourceId="It"
    )
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def told(account: Account, kind: str, identifier: str) -> dict[str, Any]:
    answer = account.client("cloudcontrol").get_resource(TypeName=kind, Identifier=identifier)
    assert (answer["TypeName"], answer["ResourceDescription"]["Identifier"]) == (kind, identifier)
    found: dict[str, Any] = json.loads(answer["ResourceDescription"]["Properties"])
    return found


def ended(account: Account, answer: dict[str, Any]) -> dict[str, Any]:
    """The last progress of a request that has begun."""
    client, token = account.client("cloudcontrol"), answer["ProgressEvent"]["RequestToken"]
    assert answer["ProgressEvent"]["OperationStatus"] == "IN_PROGRESS"

    def at_end() -> dict[str, Any] | None:
        found: dict[str, Any] = client.get_resource_request_status(RequestToken=token)
        event: dict[str, Any] = found["ProgressEvent"]
        return None if event["OperationStatus"] == "IN_PROGRESS" else event

    return wait_until(at_end, token)


def refused(account: Account, kind: str, identifier: str) -> str:
    with pytest.raises(ClientError) as caught:
        told(account, kind, identifier)
    return str(caught.value.response["Error"]["Code"])


def own(properties: dict[str, Any], kind: str) -> dict[str, Any]:
    """What is told of the properties that were set; of tags those of the template."""
    found: dict[str, Any] = {name: properties.get(name) for name in TOLD[kind]}
    for name in ("Tags", "FileSystemTags"):
        if isinstance(found.get(name), list):
            found[name] = [tag for tag in found[name] if tag["Key"] == "Project"]
        elif name in found:
            found[name] = {"Project": found[name]["Project"]}
    return found


def test_every_served_type_is_tried() -> None:
    assert TOLD.keys() == LIVE.keys()


@pytest.mark.parametrize("kind", TOLD)
def test_a_resource_is_told_as_it_was_set_listed_and_deleted(account: Account, kind: str) -> None:
    client = account.client("cloudcontrol")
    identifier = made(account, kind)
    found = own(told(account, kind, identifier), kind)
    wanted = TOLD[kind]
    if kind == "AWS::RDS::DBSubnetGroup":
        assert len(found.pop("SubnetIds")) == len(wanted["SubnetIds"])
        wanted = {name: value for name, value in wanted.items() if name != "SubnetIds"}
    assert found == wanted
    assert "not-told-to-anybody" not in json.dumps(told(account, kind, identifier))
    listed = client.list_resources(TypeName=kind)["ResourceDescriptions"]
    assert identifier in {one["Identifier"] for one in listed}
    end = ended(account, client.delete_resource(TypeName=kind, Identifier=identifier))
    assert (end["OperationStatus"], end["Operation"]) == ("SUCCESS", "DELETE")
    assert refused(account, kind, identifier) == "ResourceNotFoundException"


def test_what_was_changed_by_hand_is_seen(account: Account) -> None:
    name = made(account, "AWS::RDS::DBInstance")
    account.client("rds").modify_db_instance(
        DBInstanceIdentifier=name, BackupRetentionPeriod=1, ApplyImmediately=True
    )
    assert told(account, "AWS::RDS::DBInstance", name)["BackupRetentionPeriod"] == 1


def test_tags_of_a_database_follow_its_template(account: Account) -> None:
    def of(*tags: dict[str, str]) -> set[str]:
        name = made(account, "AWS::RDS::DBInstance", Tags=[*tags])
        found = told(account, "AWS::RDS::DBInstance", name)["Tags"]
        return {tag["Key"] for tag in found if not tag["Key"].startswith("aws:")}

    other = {"Key": "Other", "Value": "o"}
    assert of(*TAGS, other) == {"Project", "Other"}
    assert of(other) == {"Other"}


def test_an_encrypted_stream_is_told_with_its_key(account: Account) -> None:
    key = account.client("kms").create_key()["KeyMetadata"]["KeyId"]
    name = made(account, "AWS::Kinesis::Stream")
    account.client("kinesis").start_stream_encryption(
        StreamName=name, EncryptionType="KMS", KeyId=key
    )
    found = told(account, "AWS::Kinesis::Stream", name)
    assert found["StreamEncryption"] == {"EncryptionType": "KMS", "KeyId": key}


@pytest.mark.parametrize("kind", ["AWS::RDS::DBCluster", "AWS::RDS::DBInstance"])
def test_a_protected_database_is_deleted_when_its_protection_is_off(
    account: Account, kind: str
) -> None:
    client = account.client("cloudcontrol")
    name = made(account, kind, DeletionProtection=True)
    it = {"TypeName": kind, "Identifier": name}
    end = ended(account, client.delete_resource(**it))
    assert end["OperationStatus"] == "FAILED"
    assert "protect" in end["StatusMessage"].lower()
    assert account.delete("s")["StackStatus"] == "DELETE_FAILED"
    patch = [{"op": "replace", "path": "/DeletionProtection", "value": False}]
    end = ended(account, client.update_resource(**it, PatchDocument=json.dumps(patch)))
    assert end["OperationStatus"] == "SUCCESS"
    assert told(account, kind, name)["DeletionProtection"] is False
    assert ended(account, client.delete_resource(**it))["OperationStatus"] == "SUCCESS"


def test_a_patch_adds_and_removes_whole_properties_only(account: Account) -> None:
    client = account.client("cloudcontrol")
    kind = "AWS::ECR::Repository"
    it = {"TypeName": kind, "Identifier": made(account, kind)}
    patch = [{"op": "remove", "path": "/LifecyclePolicy"}]
    ended(account, client.update_resource(**it, PatchDocument=json.dumps(patch)))
    assert "LifecyclePolicy" not in told(account, kind, it["Identifier"])
    deep = [{"op": "add", "path": "/ImageScanningConfiguration/ScanOnPush", "value": False}]
    with pytest.raises(ClientError, match="InvalidRequestException"):
        client.update_resource(**it, PatchDocument=json.dumps(deep))


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("AWS::No::Such", "TypeNotFoundException"),
        ("AWS::SQS::QueuePolicy", "UnsupportedActionException"),  # no handler that reads
        ("AWS::ECS::Cluster", "UnsupportedActionException"),  # nobody reads it here
        ("AWS::RDS::DBInstance", "ResourceNotFoundException"),
    ],
)
def test_what_is_not_told(account: Account, kind: str, code: str) -> None:
    assert refused(account, kind, "none") == code


def test_an_identifier_may_be_given_by_its_name(account: Account) -> None:
    client, name = account.client("cloudcontrol"), made(account, "AWS::Kinesis::Stream")
    arguments = {"TypeName": "AWS::Kinesis::Stream"}
    answer = client.get_resource(**arguments, Identifier=json.dumps({"Name": name}))
    assert answer["ResourceDescription"]["Identifier"] == name
    with pytest.raises(ClientError, match="InvalidRequestException"):
        client.get_resource(**arguments, Identifier=json.dumps({"StreamName": name}))


@pytest.mark.parametrize(
    ("code", "told_as"),
    [
        ("AccessDeniedException", "AccessDeniedException"),
        ("ParameterNotFound", "ResourceNotFoundException"),
        ("ValidationException", "GeneralServiceException"),
    ],
)
def test_errors_of_a_service(monkeypatch: pytest.MonkeyPatch, code: str, told_as: str) -> None:
    kind = "AWS::SSM::Parameter"

    def read(_: str) -> Any:
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, "GetParameter")

    monkeypatch.setitem(LIVE, kind, Live(read, list))
    with pytest.raises(ServiceError) as caught:
        SERVICE.operations["GetResource"]({"TypeName": kind, "Identifier": "x"})
    assert caught.value.code == told_as


def test_an_error_about_a_setting_is_no_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "X")

    monkeypatch.setattr(live_resources, "call", refuse)
    with pytest.raises(ClientError, match="AccessDenied"):
        optional("ecr", "GetLifecyclePolicy", repositoryName="x")


def test_nothing_is_made_and_no_other_request_known(account: Account) -> None:
    client = account.client("cloudcontrol")
    with pytest.raises(ClientError, match="UnsupportedActionException"):
        client.create_resource(TypeName="AWS::Kinesis::Stream", DesiredState="{}")
    with pytest.raises(ClientError, match="RequestTokenNotFoundException"):
        client.get_resource_request_status(RequestToken="none")
