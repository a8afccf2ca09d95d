"""Any type, read through Cloud Control: what is the same, what is not, and what nobody can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.readers import any_type
from tapgen.aws.readers.any_type import ANOTHER_FORM, NOT_TOLD, WRITE_ONLY, comparable
from tapgen.aws.readers.registry import counted, read
from tapgen.aws.readers.values import NotRead
from tapgen.aws.resources.retained import Region
from tapgen.model.templates.intrinsics import Unknown

if TYPE_CHECKING:
    from tapgen.aws.account import Account

DATABASE = "AWS::RDS::DBInstance"
STREAM = "AWS::Kinesis::Stream"
KEY = "arn:aws:kms:eu-west-1:111111111111:key/5f1c"
ROLE = "arn:aws:iam::111111111111:role/r"


@pytest.fixture
def region(account: Account) -> Region:
    return Region(account, "us-east-1")


def of(kind: str, declared: Any, found: Any, name: str) -> Any:
    """What is compared of one property."""
    return comparable(kind, {name: declared}, {} if found is None else {name: found})[name]


def test_a_resource_is_read_with_all_that_a_template_may_set(region: Region) -> None:
    kinesis = region.client("kinesis")
    kinesis.create_stream(StreamName="events", ShardCount=1)
    kinesis.increase_stream_retention_period(StreamName="events", RetentionPeriodHours=48)
    declared = {"Name": "events", "RetentionPeriodHours": "24", "StreamEncryption": {"KeyId": KEY}}
    found = read(region, STREAM, "events", declared)
    assert isinstance(found, dict)
    assert (found["Name"], found["RetentionPeriodHours"]) == ("events", 48)
    assert found["ShardCount"] == 1  # though it is not declared
    assert found["StreamEncryption"] == NOT_TOLD
    assert "Arn" not in found
    assert counted(STREAM) == frozenset()


def test_what_is_gone_is_none(region: Region) -> None:
    assert read(region, STREAM, "none", {}) is None


@pytest.mark.parametrize(
    ("kind", "physical_id", "why"),
    [
        ("Custom::Odd", "x", "AWS publishes no schema of Custom::Odd"),
        ("AWS::CloudFormation::WaitConditionHandle", "x", "AWS cannot read"),
        ("AWS::ECS::Cluster", "main", "UnsupportedActionException"),
        ("AWS::EC2::TransitGatewayRoute", "x", "its physical id does not contain"),
    ],
)
def test_what_nobody_can_read_says_why(
    region: Region, kind: str, physical_id: str, why: str
) -> None:
    found = read(region, kind, physical_id, {})
    assert isinstance(found, NotRead)
    assert why in found.why


@pytest.mark.parametrize(
    ("name", "declared", "found", "expected"),
    [
        ("DBInstanceIdentifier", "Orders", "orders", "Orders"),
        ("DBInstanceIdentifier", "Orders", "other", "other"),
        ("DBSystemId", "ora", "ORA", "ora"),
        ("DBName", "ora", "ORA", "ora"),  # lower or upper case
        ("EngineVersion", "16", "16.4", "16"),
        ("EngineVersion", "16", "17.1", "17.1"),
        ("KmsKeyId", "5f1c", KEY, "5f1c"),
        ("KmsKeyId", KEY, KEY, KEY),
        ("KmsKeyId", "alias/data", KEY, ANOTHER_FORM),
        ("MonitoringRoleArn", "r", ROLE, "r"),
        ("MonitoringRoleArn", ROLE, f"{ROLE}2", f"{ROLE}2"),
        ("MasterUserPassword", "x", "y", WRITE_ONLY),
        ("MultiAZ", True, None, NOT_TOLD),
        ("MultiAZ", "true", False, False),
        ("DBClusterIdentifier", Unknown("Cluster"), "c", "c"),
        ("MasterUserSecret", {"KmsKeyId": "5f1c"}, {"KmsKeyId": KEY}, {"KmsKeyId": "5f1c"}),
        ("MasterUserSecret", {}, {"SecretArn": "s"}, {"SecretArn": "s"}),
        ("VPCSecurityGroups", ["sg-1"], ["sg-1", "sg-2"], ["sg-1", "sg-2"]),
        ("VPCSecurityGroups", [Unknown("Group")], ["sg-1"], ["sg-1"]),
        ("VPCSecurityGroups", ["x"], ["arn:aws:x:y"], [ANOTHER_FORM]),
    ],
)
def test_values_of_a_database(name: str, declared: Any, found: Any, expected: Any) -> None:
    assert of(DATABASE, declared, found, name) == expected


def test_members_of_a_list_are_compared_with_their_twins() -> None:
    declared = [
        {"FeatureName": "Lambda", "RoleArn": "r"},
        {"FeatureName": "s3Export", "RoleArn": ROLE},
        Unknown("Role"),
    ]
    found = [{"FeatureName": "s3Export", "RoleArn": ROLE}, {"FeatureName": "Lambda"}]
    assert of(DATABASE, declared, found, "AssociatedRoles") == [
        {"FeatureName": "s3Export", "RoleArn": ROLE},
        {"FeatureName": "Lambda", "RoleArn": NOT_TOLD},
    ]
    assert of(DATABASE, [], found, "AssociatedRoles") == found


def test_parts_that_are_write_only_are_not_read() -> None:
    declared = {"Destinations": [{"Region": "eu-west-1", "KmsKeyId": "x"}]}
    found = {"Destinations": [{"Region": "eu-west-1", "FileSystemId": "fs-1"}]}
    assert of("AWS::EFS::FileSystem", declared, found, "ReplicationConfiguration") == {
        "Destinations": [{"Region": "eu-west-1", "KmsKeyId": WRITE_ONLY, "FileSystemId": "fs-1"}]
    }


def test_a_transformation_that_is_not_understood_decides_nothing() -> None:
    fleet = ("AWS::DirectConnect::DirectConnectGatewayAssociation", "DirectConnectGatewayId")
    assert of(fleet[0], "a", "b", fleet[1]) == ANOTHER_FORM
    assert of(fleet[0], "a", "a", fleet[1]) == "a"
    rules = ("AWS::EFS::FileSystem", "Encrypted")
    assert of(rules[0], "true", False, rules[1]) is False
    assert of(rules[0], True, False, rules[1]) == ANOTHER_FORM


def test_a_transformation_that_gives_no_pattern_decides_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    schema = {"propertyTransform": {"/properties/Name": '$join(["(", Name])'}}
    monkeypatch.setattr(any_type, "resource_schema", lambda _: schema)
    assert of("Any::Broken::Type", "a", "b", "Name") == ANOTHER_FORM


def test_tags_that_nobody_declared_do_not_count() -> None:
    tags = [{"Key": "Project", "Value": "q"}, {"Key": "aws:x", "Value": "y"}]
    declared = [{"Key": "Project", "Value": "p"}, {"Key": "Layer", "Value": "l"}]
    assert of(DATABASE, declared, tags, "Tags") == tags[:1]
    as_map = {"Project": "q", "aws:x": "y"}
    assert of("AWS::SSM::Parameter", {"Project": "p"}, as_map, "Tags") == {"Project": "q"}
    assert of("AWS::EFS::FileSystem", declared, tags, "FileSystemTags") == tags[:1]
    assert of(DATABASE, Unknown("Tags"), tags, "Tags") == tags
