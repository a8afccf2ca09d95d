from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from tapgen.model.templates.template import Template
from tapgen.render.rendering import Rendered
from tapgen.review.lint.rules import data
from tapgen.review.lint.rules.rule import Placement
from tests.review.lint.rules.shipped import (
    Check,
    Mutation,
    assert_found,
    setting,
    without,
)
from tests.review.lint.rules.stubs import (
    RETAINED,
    TAGGED,
    WANTED_TAGS,
    found,
    names,
    template,
    told,
    with_resource,
)

SECRET = "AWS::SecretsManager::Secret"
TABLES = {"IdempotencyTable", "SessionsTable", "TransactionsTable"}
PLAIN = {"Fn::Sub": "${Prefix}-artifacts-${AWS::AccountId}"}


@pytest.mark.parametrize(
    ("type_", "properties", "replaced", "expected"),
    [
        (SECRET, {"GenerateSecretString": {}}, "Delete", []),
        (
            SECRET,
            {"GenerateSecretString": {}},
            "Retain",
            [f"{SECRET} can be generated again, but UpdateReplacePolicy is not Delete"],
        ),
        (
            SECRET,
            {"SecretString": "given"},
            "Retain",
            [f"{SECRET} is marked as regenerable, but only a generated secret can be"],
        ),
        (
            "AWS::SQS::Queue",
            {},
            "Delete",
            [
                "AWS::SQS::Queue is marked as regenerable, but only a generated secret can be",
                "AWS::SQS::Queue holds data, but UpdateReplacePolicy is not Retain",
            ],
        ),
    ],
)
def test_only_a_generated_secret_is_regenerable_and_goes_when_it_is_replaced(
    type_: str, properties: dict[str, Any], replaced: str, expected: list[str]
) -> None:
    of = with_resource(
        type_,
        properties,
        Metadata={"tapgen": {"Regenerable": "because"}},
        DeletionPolicy="RetainExceptOnCreate",
        UpdateReplacePolicy=replaced,
    )
    assert [message for name, message in told(of) if name == "retained-data"] == expected


NAMED = {"DBInstanceIdentifier": "orders"}


@pytest.mark.parametrize(
    ("type_", "properties", "policy", "why"),
    [
        ("AWS::EFS::FileSystem", {}, "RetainExceptOnCreate", "its schema has no name and tags"),
        ("AWS::DocDB::DBCluster", {}, "Retain", "its schema has no name and tags"),
        ("AWS::EFS::FileSystem", {}, "Snapshot", ""),
        ("AWS::RDS::DBInstance", {}, "Retain", "it has no DBInstanceIdentifier"),
        ("AWS::RDS::DBInstance", NAMED, "Retain", ""),
        ("AWS::DynamoDB::Table", {}, "Retain", "it has no TableName"),
        ("AWS::DynamoDB::Table", {"TableName": "t"}, "Retain", ""),
        ("AWS::KMS::Key", {}, "Retain", "it has no alias that is kept as well"),
    ],
)
def test_what_outlives_its_stack_is_found_again(
    type_: str, properties: dict[str, Any], policy: str, why: str
) -> None:
    of = with_resource(type_, properties, DeletionPolicy=policy)
    messages = [problem.message for problem in data.lost_track(of)]
    assert len(messages) == bool(why)
    assert all(why in message for message in messages)
    assert all("the next deployment cannot take it over" in message for message in messages)


@pytest.mark.parametrize(("kept", "found"), [("Retain", []), ("Delete", ["Key"])])
def test_a_key_is_found_again_by_an_alias_that_is_kept(kept: str, found: list[str]) -> None:
    resources = {
        "Key": {"Type": "AWS::KMS::Key", "DeletionPolicy": "Retain"},
        "Alias": {
            "Type": "AWS::KMS::Alias",
            "DeletionPolicy": kept,
            "Properties": {"AliasName": "alias/a", "TargetKeyId": {"Ref": "Key"}},
        },
    }
    problems = data.lost_track(template(Resources=resources))
    assert [problem.path[1] for problem in problems] == found


def test_a_resource_without_a_policy_goes_with_its_stack() -> None:
    assert [*data.lost_track(with_resource("AWS::RDS::DBInstance", {}))] == []


def test_taggable_resources_carry_the_tags() -> None:
    bare = {"Type": "AWS::SNS::Topic"}
    (one,) = found(template(Resources={"Topic": bare}))
    assert one.message == (
        "AWS::SNS::Topic is not tagged with CostCenter, Environment, Layer, ManagedBy, Project"
    )
    assert names(template(Resources={"Alias": {"Type": "AWS::KMS::Alias"}})) == []
    assert names(template(Resources={"Own": {"Type": "Custom::Thing"}})) == []


def test_what_is_made_of_a_template_file_has_the_tags_of_its_stack() -> None:
    notes = {"tapgen": {"Layer": "data", "Settings": {}, "Template": "data.yaml"}}
    of = template(Resources={"Topic": {"Type": "AWS::SNS::Topic"}}, Metadata=notes)
    assert [*data.tags(of, WANTED_TAGS)] == []


def test_tags_are_where_the_type_has_them() -> None:
    zone = {"Type": "AWS::Route53::HostedZone", "Properties": {"HostedZoneTags": TAGGED["Tags"]}}
    assert [*data.tags(template(Resources={"Zone": zone}), WANTED_TAGS)] == []
    as_map = {"Type": "AWS::SSM::Parameter", "Properties": {"Tags": dict.fromkeys(WANTED_TAGS)}}
    assert [*data.tags(template(Resources={"P": as_map}), WANTED_TAGS)] == []


def test_log_groups_have_a_retention_from_the_setting_and_a_key() -> None:
    declared = {"Type": "Number", "Description": "d", "AllowedValues": ["7"]}

    def group(**properties: Any) -> list[tuple[str, str]]:
        resource = {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {**TAGGED, **properties},
            **RETAINED,
        }
        of = template(
            {"Days": "retention.cloudwatch_days", "Other": "alarms.count"},
            Resources={"Group": resource},
            Parameters={"Days": declared, "Other": declared},
        )
        return told(of)

    assert group(RetentionInDays={"Ref": "Days"}, KmsKeyId="k") == []
    assert group() == [
        ("log-group", "log group without RetentionInDays keeps its events forever"),
        ("log-group", "log group without KmsKeyId has no customer managed key"),
    ]
    elsewhere = [
        ("retention-setting", "RetentionInDays is not the unchanged value of a retention setting")
    ]
    assert group(RetentionInDays=7, KmsKeyId="k") == elsewhere
    assert group(RetentionInDays={"Ref": "Other"}, KmsKeyId="k") == elsewhere


@pytest.mark.parametrize(
    ("layer", "switch", "expected"),
    [
        ("data", "protection", TABLES),
        ("data", "data.point_in_time_recovery", TABLES),
        ("network", "protection", {"FlowLogGroup"}),
        ("identity", "protection", {"UserPool"}),
    ],
)
def test_protected_data_is_neither_deleted_nor_lost(
    rendered: Rendered, layer: str, switch: str, expected: set[str]
) -> None:
    (stack,) = [one for one in rendered.stacks["prod"] if one.layer == layer]
    assert [*data.protected_data(Placement(stack, {}))] == []
    (flag,) = [name for name, filled in stack.template.settings.items() if filled == switch]
    broken = replace(stack, parameters={**stack.parameters, flag: "false"})
    problems = [*data.protected_data(Placement(broken, {}))]
    assert {problem.path[1] for problem in problems} == expected
    unprotected = replace(broken, protected=False)
    assert [*data.protected_data(Placement(unprotected, {}))] == []


@pytest.mark.parametrize(
    ("property_", "value"),
    [
        ("DeletionProtectionEnabled", True),
        ("DeletionProtectionEnabled", {"Fn::If": ["IsProtection", True, False]}),
        ("DeletionProtection", {"Fn::If": ["IsProtection", "ACTIVE", "INACTIVE"]}),
        ("DeletionProtection", {"Mode": "ENABLED"}),
    ],
)
def test_nothing_is_protected_before_its_stack_is_made(
    rendered: Rendered, property_: str, value: Any
) -> None:
    stacks = [stack for one in rendered.stacks.values() for stack in one]
    assert [p for stack in stacks for p in data.protected_last(Placement(stack, {}))] == []
    (stack,) = [one for one in rendered.stacks["prod"] if one.layer == "data"]
    document = deepcopy(stack.template.document)
    document["Resources"]["IdempotencyTable"]["Properties"][property_] = value
    broken = replace(stack, template=Template("data", json.dumps(document)))
    (problem,) = data.protected_last(Placement(broken, {}))
    assert problem.path == ("Resources", "IdempotencyTable", "Properties", property_)
    assert problem.message == (
        f"{property_} is on while the stack is being created: take it from `Blueprint.protected`"
    )
    document["Metadata"]["tapgen"]["Template"] = "data.yaml"
    (problem,) = data.protected_last(
        Placement(replace(stack, template=Template("data", json.dumps(document))), {})
    )
    assert problem.message.endswith("bind a parameter to `stack.settled`, and let it decide")


def test_a_protected_user_pool_is_not_deleted(rendered: Rendered) -> None:
    (stack,) = [one for one in rendered.stacks["prod"] if one.layer == "identity"]
    assert [*data.protected_data(Placement(stack, {}))] == []
    broken = replace(stack, parameters={**stack.parameters, "Protection": "false"})
    (problem,) = data.protected_data(Placement(broken, {}))
    assert problem.path == ("Resources", "UserPool")
    assert "DeletionProtection is off" in problem.message


@pytest.mark.parametrize(
    ("check", "layer", "mutate"),
    [
        (data.bucket_name, "storage", setting("ArtifactsBucket", "BucketName", to="artifacts")),
        (data.bucket_name, "storage", setting("ArtifactsBucket", "BucketName", to=PLAIN)),
        (data.bucket_name, "storage", without("ArtifactsBucket", "BucketName")),
    ],
)
def test_a_broken_template_is_found(
    rendered: Rendered, check: Check, layer: str, mutate: Mutation
) -> None:
    assert_found(check, rendered.templates[layer], mutate)
