"""Finding and deleting what outlives its stack, of types that tapgen knows by their schema only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from tapgen.aws.errors import UnableError
from tapgen.aws.resources.kept import LeftError, find, found_again, key_of, kind_of, purge, tags
from tapgen.aws.resources.retained import Region
from tapgen.errors import RefusedError, TapgenError

if TYPE_CHECKING:
    from tapgen.aws.account import Account

STREAM = "AWS::Kinesis::Stream"
DATABASE = "AWS::RDS::DBInstance"
FILES = "AWS::EFS::FileSystem"
TOPIC = "AWS::SNS::Topic"
OWNER = {"Environment": "lab", "Layer": "data"}
LISTED = [{"Key": name, "Value": value} for name, value in OWNER.items()]


@pytest.fixture
def region(account: Account) -> Region:
    return Region(account, "us-east-1")


def database(region: Region, *, protected: bool = False) -> str:
    region.client("rds").create_db_instance(
        DBInstanceIdentifier="orders",
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="root",
        MasterUserPassword="not-told-to-anybody",
        DeletionProtection=protected,
        Tags=LISTED,
    )
    return "orders"


def test_what_has_the_name_and_the_tags_is_found(region: Region) -> None:
    properties = {"DBInstanceIdentifier": "orders"}
    assert find(region, DATABASE, properties, OWNER) is None
    database(region)
    assert find(region, DATABASE, properties, OWNER) == "orders"
    with pytest.raises(RefusedError, match="does not have the tags Layer=other"):
        find(region, DATABASE, properties, {"Layer": "other"})


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        (STREAM, {}),  # AWS makes up its name
        (STREAM, {"Name": None}),
        ("AWS::DynamoDB::Table", {}),
        ("AWS::S3::Bucket", {}),
        (FILES, {}),
        ("Custom::Thing", {"Name": "x"}),
        ("AWS::ECS::Cluster", {"ClusterName": "nobody reads it here"}),
    ],
)
def test_what_nobody_could_tell_apart_is_not_found(
    region: Region, kind: str, properties: dict[str, Any]
) -> None:
    assert find(region, kind, properties, OWNER) is None


def described(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"Identifier": name, "Properties": json.dumps(properties)}


def test_where_aws_gives_the_id_all_are_gone_through(region: Region) -> None:
    """A list may tell the name or not."""
    full = {"TopicName": "alerts", "Tags": LISTED}
    listed = [
        described("arn:aws:sns:1", {"TopicName": "other"}),
        described("arn:aws:sns:2", {"TopicArn": "arn:aws:sns:2"}),
        described("arn:aws:sns:3", {"TopicArn": "arn:aws:sns:3"}),
    ]

    def get(identifier: str, properties: dict[str, Any]) -> tuple[Any, ...]:
        answer = {"TypeName": TOPIC, "ResourceDescription": described(identifier, properties)}
        return "get_resource", answer, {"TypeName": TOPIC, "Identifier": identifier}

    with Stubber(region.client("cloudcontrol")) as aws:
        aws.add_response("list_resources", {"ResourceDescriptions": listed}, {"TypeName": TOPIC})
        aws.add_response(*get("arn:aws:sns:2", full))
        aws.add_response(*get("arn:aws:sns:3", {"TopicName": "third"}))
        aws.add_response(*get("arn:aws:sns:2", full))
        assert find(region, TOPIC, {"TopicName": "alerts"}, OWNER) == "arn:aws:sns:2"
        aws.assert_no_pending_responses()


def test_other_refusals_are_errors(region: Region) -> None:
    with Stubber(region.client("cloudcontrol")) as aws:
        aws.add_client_error("get_resource", "AccessDeniedException", "no")
        with pytest.raises(TapgenError, match=f"looking for a retained {STREAM}: AccessDenied"):
            find(region, STREAM, {"Name": "x"}, OWNER)
        aws.add_client_error("get_resource", "AccessDeniedException", "no")
        with pytest.raises(TapgenError, match=f"deleting {STREAM} x: AccessDenied"):
            purge(region, STREAM, "x")


def test_what_is_purged_is_gone_protected_or_not(region: Region) -> None:
    purge(region, DATABASE, database(region, protected=True))
    assert find(region, DATABASE, {"DBInstanceIdentifier": "orders"}, OWNER) is None
    purge(region, DATABASE, "orders")


@pytest.mark.parametrize(
    ("name", "on", "off"),
    [("DeletionProtection", "ACTIVE", "INACTIVE"), ("DeletionProtectionEnabled", True, False)],
)
def test_protection_is_switched_off_in_its_own_words(
    region: Region, name: str, on: Any, off: Any
) -> None:
    done = {"ProgressEvent": {"OperationStatus": "SUCCESS"}}
    it = {"TypeName": STREAM, "Identifier": "x"}
    patch = [{"op": "replace", "path": f"/{name}", "value": off}]
    with Stubber(region.client("cloudcontrol")) as aws:
        answer = {"TypeName": STREAM, "ResourceDescription": described("x", {name: on})}
        aws.add_response("get_resource", answer, it)
        aws.add_response("update_resource", done, {**it, "PatchDocument": json.dumps(patch)})
        aws.add_response("delete_resource", done, {**it})
        purge(region, STREAM, "x")
        aws.assert_no_pending_responses()


@pytest.mark.parametrize("kind", ["Custom::Thing", "AWS::ECS::Cluster"])
def test_what_nobody_can_delete_is_left_with_a_way_out(region: Region, kind: str) -> None:
    with pytest.raises(LeftError, match=f"{kind} main was not deleted: ") as caught:
        purge(region, kind, "main")
    assert "Delete it by hand" in caught.value.hint
    assert "tapgen/aws/resources/retained.py" in caught.value.hint


def test_tags_of_any_type_are_told(region: Region) -> None:
    made = region.client("efs").create_file_system(CreationToken="t", Tags=LISTED)
    assert tags(region, FILES, made["FileSystemId"]) == OWNER
    assert tags(region, FILES, "fs-none") == {}
    region.client("ssm").put_parameter(Name="/n", Value="v", Type="String", Tags=LISTED)
    assert tags(region, "AWS::SSM::Parameter", "/n") == OWNER
    region.client("sqs").create_queue(QueueName="q", tags=OWNER)
    url = region.client("sqs").get_queue_url(QueueName="q")["QueueUrl"]
    assert tags(region, "AWS::SQS::Queue", url) == OWNER
    with pytest.raises(UnableError):
        tags(region, "Custom::Thing", "x")


def test_whether_it_can_be_done_is_known_beforehand() -> None:
    assert kind_of(FILES) is None
    for kind, properties, again in (
        (STREAM, {"Name": "x"}, True),
        (STREAM, {}, False),
        (FILES, {}, False),
        ("AWS::KMS::Key", {}, True),  # by its alias
    ):
        assert found_again({"Type": kind, "Properties": properties}) is again


def test_all_urls_of_a_queue_are_one_resource() -> None:
    kind = "AWS::SQS::Queue"
    new, old = "https://sqs.eu-west-1.amazonaws.com", "https://eu-west-1.queue.amazonaws.com"
    assert key_of(kind, f"{new}/111111111111/jobs") == key_of(kind, f"{old}/111111111111/jobs")
    assert key_of(kind, f"{new}/111111111111/jobs") != key_of(kind, f"{new}/222222222222/jobs")
    assert key_of("AWS::S3::Bucket", "a/b/c") != key_of("AWS::S3::Bucket", "z/b/c")
