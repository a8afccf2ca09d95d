"""Predictions are what the AWS documentation says, except where there is a reason not to be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tapgen.model.changes.interruptions import INTERRUPTIONS
from tapgen.render.rendering import Rendered
from tapgen.review.diff.effect import Effect
from tapgen.review.diff.requirements import is_set, names, requirement
from tapgen.review.schemas import resource_schema

DOCUMENTED = {
    "Replacement": Effect.REPLACEMENT,
    "Some interruptions": Effect.INTERRUPTION,
    "No interruption": Effect.IN_PLACE,
}
_METHOD = "what a method is of; AWS's schema calls it create-only"
_VERSION = "a version never changes: AWS's schema calls it create-only"
_RECORD = "part of a record's identity (primaryIdentifier): Route 53 keeps the old record otherwise"

# (type, property) -> what is predicted instead, and why.
CORRECTED = {
    ("AWS::ApiGateway::Method", "HttpMethod"): (Effect.REPLACEMENT, _METHOD),
    ("AWS::ApiGateway::Method", "ResourceId"): (Effect.REPLACEMENT, _METHOD),
    ("AWS::ApiGateway::Method", "RestApiId"): (Effect.REPLACEMENT, _METHOD),
    ("AWS::DynamoDB::Table", "LocalSecondaryIndexes"): (
        Effect.REPLACEMENT,
        "UpdateTable takes none; the resource specification says Immutable",
    ),
    ("AWS::EC2::Subnet", "Ipv6CidrBlock"): (
        Effect.DEPENDS,
        "the schema calls it conditional: adding one is an update, changing it is not",
    ),
    ("AWS::EC2::VPC", "InstanceTenancy"): (
        Effect.REPLACEMENT,
        "the text says: only dedicated to default without replacement",
    ),
    ("AWS::EC2::VPCGatewayAttachment", "VpcId"): (
        Effect.REPLACEMENT,
        "what is attached to; AWS's schema calls it create-only",
    ),
    ("AWS::KMS::Key", "Origin"): (
        Effect.REPLACEMENT,
        "like KeySpec: the same page says that the update request fails",
    ),
    ("AWS::Lambda::Function", "PackageType"): (
        Effect.REPLACEMENT,
        "UpdateFunctionCode cannot change it; AWS's schema calls it create-only",
    ),
    ("AWS::Lambda::Version", "CodeSha256"): (Effect.VERSION, _VERSION),
    ("AWS::Lambda::Version", "Description"): (Effect.VERSION, _VERSION),
    ("AWS::Lambda::Version", "FunctionName"): (Effect.VERSION, "replacement, see Effect.VERSION"),
    ("AWS::Lambda::Version", "ProvisionedConcurrencyConfig"): (Effect.VERSION, _VERSION),
    **dict.fromkeys(
        [
            ("AWS::RDS::DBInstance", name)
            for name in (
                "AvailabilityZone",
                "DBClusterSnapshotIdentifier",
                "DBSnapshotIdentifier",
                "RestoreTime",
                "SourceDBClusterIdentifier",
                "SourceDBInstanceAutomatedBackupsArn",
                "SourceDBInstanceIdentifier",
                "SourceDbiResourceId",
                "UseLatestRestorableTime",
            )
        ],
        (Effect.DEPENDS, "another value is another database (`isChangeMutable` of the handler)"),
    ),
    ("AWS::RDS::DBInstance", "Port"): (
        Effect.IN_PLACE,
        "ModifyDBInstance changes it (DBPortNumber), and AWS's schema does not call it create-only",
    ),
    ("AWS::RDS::DBInstance", "Engine"): (
        Effect.REPLACEMENT,
        "only some engines become others (`isEngineMutable` of the handler)",
    ),
    ("AWS::Route53::RecordSet", "SetIdentifier"): (Effect.REPLACEMENT, _RECORD),
    ("AWS::Route53::RecordSet", "Type"): (Effect.REPLACEMENT, _RECORD),
    ("AWS::S3::Bucket", "ObjectLockEnabled"): (
        Effect.IN_PLACE,
        "S3 enables it on existing buckets now, and AWS's schema does not call it create-only",
    ),
    ("AWS::SNS::Subscription", "Region"): (
        Effect.DEPENDS,
        "the schema calls it conditional: it is where the topic is looked for",
    ),
}


def documented() -> dict[tuple[str, str], Effect]:
    """(type, property) -> the documented effect."""
    found: dict[tuple[str, str], Effect] = {}
    resource_type, effect = "", Effect.IN_PLACE
    for line in (Path(__file__).parent / "update_requires.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        if not line.startswith(" "):
            resource_type = line
            continue
        heading, colon, rest = line.partition(":")
        if colon:
            effect = DOCUMENTED[heading.strip()]
        found |= {(resource_type, name): effect for name in (rest if colon else line).split()}
    return found


TABLE = documented()


@pytest.mark.parametrize(("pair", "effect"), TABLE.items(), ids=str)
def test_prediction_is_what_is_documented(pair: tuple[str, str], effect: Effect) -> None:
    resource_type, name = pair
    expected, reason = CORRECTED.get(pair, (effect, ""))
    found = requirement(resource_type, name, {name: "before"}, {name: "after"})
    assert found.effect is expected, reason


def test_every_correction_corrects_something() -> None:
    assert {pair for pair, (effect, _) in CORRECTED.items() if TABLE[pair] is effect} == set()


def test_the_table_covers_what_is_in_use(rendered: Rendered) -> None:
    used = {
        (resource["Type"], name)
        for template in rendered.templates.values()
        for resource in template.resources.values()
        for name in resource.get("Properties", {})
    }
    assert len(used & TABLE.keys()) >= 150
    assert len(used & TABLE.keys()) / len(used) > 0.9  # the others are newer than the table


@pytest.mark.parametrize(
    ("before", "after", "effect", "words"),
    [
        ("STRICT", "BASIC", Effect.INTERRUPTION, "about 15 minutes"),
        ("STRICT", None, Effect.INTERRUPTION, "about 15 minutes"),
        ("BASIC", "STRICT", Effect.IN_PLACE, "BASIC first"),
        (None, "STRICT", Effect.IN_PLACE, "BASIC first"),
        (None, "BASIC", Effect.IN_PLACE, ""),
    ],
)
def test_an_api_that_is_less_strict_is_out_of_reach_for_a_while(
    before: str | None, after: str | None, effect: Effect, words: str
) -> None:
    name = "EndpointAccessMode"
    sides = ({name: side} if side else {} for side in (before, after))
    found = requirement("AWS::ApiGateway::RestApi", name, *sides)
    assert found.effect is effect
    assert words in found.reason


DATABASE = "AWS::RDS::DBInstance"


@pytest.mark.parametrize(
    ("name", "before", "after", "effect"),
    [
        ("Engine", "oracle-se", "oracle-se2", Effect.INTERRUPTION),
        ("Engine", "postgres", "mysql", Effect.REPLACEMENT),
        ("PerformanceInsightsKMSKeyId", None, "key", Effect.IN_PLACE),
        ("PerformanceInsightsKMSKeyId", "key", "other", Effect.REPLACEMENT),
        ("PerformanceInsightsKMSKeyId", "key", None, Effect.REPLACEMENT),
        ("BackupRetentionPeriod", 7, 14, Effect.INTERRUPTION),
    ],
)
def test_a_database_becomes_another_only_where_it_has_to(
    name: str, before: object, after: object, effect: Effect
) -> None:
    sides = ({name: side} if side else {} for side in (before, after))
    found = requirement(DATABASE, name, *sides)
    assert found.effect is effect
    assert bool(found.reason) is (effect is not Effect.IN_PLACE)


def test_what_only_interrupts_is_never_create_only() -> None:
    for resource_type, name in INTERRUPTIONS:
        schema = resource_schema(resource_type)
        assert name in schema["properties"]
        assert f"/properties/{name}" not in schema.get("createOnlyProperties", [])


TABLE_TYPE = "AWS::DynamoDB::Table"


def attribute(name: str, kind: str) -> dict[str, str]:
    return {"AttributeName": name, "AttributeType": kind}


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        ([attribute("a", "S")], [attribute("a", "N")], Effect.REPLACEMENT),
        ([attribute("a", "S")], [attribute("a", "S"), attribute("b", "N")], Effect.IN_PLACE),
        ([attribute("a", "S"), attribute("b", "N")], [attribute("a", "S")], Effect.IN_PLACE),
        (None, [attribute("a", "S")], Effect.IN_PLACE),
    ],
)
def test_an_attribute_keeps_its_type(before: Any, after: Any, effect: Effect) -> None:
    old = {"AttributeDefinitions": before} if before else {}
    path = "AttributeDefinitions/0/AttributeType"
    found = requirement(TABLE_TYPE, path, old, {"AttributeDefinitions": after})
    assert found.effect is effect


def index(name: str, key: str = "a", units: int = 1, projection: str = "ALL") -> dict[str, Any]:
    return {
        "IndexName": name,
        "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        "Projection": {"ProjectionType": projection},
        "ProvisionedThroughput": {"ReadCapacityUnits": units, "WriteCapacityUnits": units},
    }


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ([], [index("one")], ""),
        ([index("one")], [], ""),
        ([index("one")], [index("one", units=2)], ""),
        ([], [index("one"), index("two")], "deploy them one by one"),
        ([index("one")], [index("other")], "deploy them one by one"),
        ([index("one")], [index("one", "b")], "(one): create one with another name"),
        ([index("one")], [index("one", projection="KEYS_ONLY")], "(one): create one with another"),
    ],
)
def test_an_index_is_made_or_removed_and_nothing_else(before: Any, after: Any, words: str) -> None:
    sides = ({"GlobalSecondaryIndexes": side} if side else {} for side in (before, after))
    found = requirement(TABLE_TYPE, "GlobalSecondaryIndexes/0", *sides)
    assert found.effect is (Effect.FAILS if words else Effect.IN_PLACE)
    assert words in found.reason


def user_attribute(name: str, kind: str = "String") -> dict[str, str]:
    return {"Name": name, "AttributeDataType": kind}


@pytest.mark.parametrize(
    ("name", "before", "after", "effect"),
    [
        ("UsernameAttributes", None, ["email"], Effect.FAILS),
        ("AliasAttributes", ["email"], None, Effect.FAILS),
        ("Schema", [user_attribute("a")], [user_attribute("b"), user_attribute("a")], None),
        ("Schema", [user_attribute("a")], [user_attribute("a", "Number")], Effect.FAILS),
        ("Schema", [user_attribute("a")], None, Effect.FAILS),
    ],
)
def test_what_cognito_has_settled_for_ever(
    name: str, before: Any, after: Any, effect: Effect | None
) -> None:
    sides = ({name: side} if side else {} for side in (before, after))
    found = requirement("AWS::Cognito::UserPool", f"{name}/0", *sides)
    assert found.effect is (effect or Effect.IN_PLACE)
    assert bool(found.reason) == bool(effect)


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        ("dedicated", "default", Effect.IN_PLACE),
        ("default", "dedicated", Effect.REPLACEMENT),
    ],
)
def test_tenancy_goes_one_way(before: str, after: str, effect: Effect) -> None:
    old, new = {"InstanceTenancy": before}, {"InstanceTenancy": after}
    assert requirement("AWS::EC2::VPC", "InstanceTenancy", old, new).effect is effect


def test_a_create_only_part_counts_whatever_the_depth_of_the_change() -> None:
    endpoint = "AWS::EC2::VPCEndpoint"
    fixed = {"DnsOptions": {"PrivateDnsPreference": "a", "DnsRecordIpType": "x"}}
    other = {"DnsOptions": {"PrivateDnsPreference": "b", "DnsRecordIpType": "x"}}
    free = {"DnsOptions": {"PrivateDnsPreference": "a", "DnsRecordIpType": "y"}}
    assert requirement(endpoint, "DnsOptions", fixed, other).effect is Effect.REPLACEMENT
    assert requirement(endpoint, "DnsOptions", fixed, free).effect is Effect.IN_PLACE
    assert requirement(endpoint, "DnsOptions", {}, other).effect is Effect.REPLACEMENT
    inner = "DnsOptions/PrivateDnsPreference"
    assert requirement(endpoint, inner, fixed, other).effect is Effect.REPLACEMENT
    assert requirement(endpoint, "DnsOptions/DnsRecordIpType", fixed, free).effect is (
        Effect.IN_PLACE
    )


def test_a_create_only_part_of_list_items_counts() -> None:
    """`/properties/Origins/*/Id` of a schema: any item."""
    from tapgen.review.diff import requirements

    paths = ["/properties/Items/*/Id"]
    before = {"Items": [{"Id": 1, "Name": "a"}]}
    renamed = {"Items": [{"Id": 1, "Name": "b"}]}
    other = {"Items": [{"Id": 2, "Name": "a"}]}
    assert requirements._touches(paths, ["Items", "0", "Id"], before, other)
    assert not requirements._touches(paths, ["Items", "0", "Name"], before, renamed)
    assert requirements._touches(paths, ["Items"], before, other)
    assert not requirements._touches(paths, ["Items"], before, renamed)
    assert requirements._touches(paths, ["Items"], before, {"Items": "text"})


def test_types_without_a_schema_or_an_update() -> None:
    custom = requirement("Custom::Thing", "Value", {}, {"Value": 1})
    assert (custom.effect, "no schema" in custom.reason) == (Effect.DEPENDS, True)
    association = requirement("AWS::EC2::SubnetRouteTableAssociation", "Other", {}, {})
    assert association.effect is Effect.REPLACEMENT
    assert "cannot update" in association.reason


@pytest.mark.parametrize(
    ("kind", "path", "effect"),
    [
        ("AWS::RDS::DBInstance", "RestoreTime", Effect.DEPENDS),
        ("AWS::RDS::DBInstance", "MasterUsername", Effect.REPLACEMENT),
        ("AWS::RDS::DBInstance", "AllocatedStorage", Effect.IN_PLACE),
        ("AWS::SES::EmailIdentity", "EmailIdentity", Effect.REPLACEMENT),
        ("AWS::SES::EmailIdentity", "FeedbackAttributes/EmailForwardingEnabled", Effect.IN_PLACE),
    ],
)
def test_types_that_no_table_has_follow_their_schema(kind: str, path: str, effect: Effect) -> None:
    assert requirement(kind, path, {}, {}).effect is effect


def test_names_are_those_that_a_template_gives() -> None:
    assert names(TABLE_TYPE) == ("TableName",)
    assert names("AWS::KMS::Key") == ()
    assert names("Custom::Thing") == ()


@pytest.mark.parametrize(
    ("kind", "path", "found"),
    [
        ("AWS::EC2::SecurityGroup", "SecurityGroupIngress", True),
        ("AWS::IAM::Role", "Policies", True),
        ("AWS::Lambda::Function", "VpcConfig/SubnetIds", False),
        ("AWS::ApiGateway::UsagePlan", "ApiStages/0/Throttle", False),
        ("AWS::CloudFront::Distribution", "DistributionConfig/Origins", True),
        ("AWS::CodePipeline::Pipeline", "Stages/Build/Actions", False),
        ("AWS::EC2::SecurityGroup", "NoSuchProperty/0", False),
        ("Custom::Thing", "List", False),
    ],
)
def test_sets_are_those_of_the_schema(kind: str, path: str, found: bool) -> None:
    assert is_set(kind, path) is found
