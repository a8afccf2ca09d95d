"""Cloud Control's verbs: what identifies a resource, what is there, what changes and what goes."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tapgen.aws.errors import UnableError
from tapgen.aws.resources import cloud_control
from tapgen.aws.resources.cloud_control import (
    change,
    delete,
    get,
    identifier_of,
    listed,
)
from tapgen.aws.resources.retained import Region
from tapgen.errors import TapgenError
from tapgen.model.templates.intrinsics import Unknown
from tapgen.review.schemas import identifier_properties

if TYPE_CHECKING:
    from tapgen.aws.account import Account
    from tests.aws.conftest import Canned

STREAM = "AWS::Kinesis::Stream"
RULE = "arn:aws:events:eu-west-1:111111111111:rule/r"


@pytest.fixture
def region(account: Account) -> Region:
    return Region(account, "us-east-1")


@pytest.mark.parametrize(
    ("kind", "physical_id", "declared", "expected"),
    [
        (STREAM, "events", {}, "events"),
        ("AWS::SNS::Topic", "arn:aws:sns:x", {}, "arn:aws:sns:x"),
        # Ref gives the name, and the rule is identified by its ARN.
        ("AWS::Events::Rule", RULE, {}, RULE),
        ("AWS::Events::Rule", "r", {}, '{"RuleName": "r"}'),
        # Some parts are declared, and the physical id is the one that is not.
        ("AWS::ApiGateway::Resource", "res1", {"RestApiId": "api1"}, "api1|res1"),
        ("AWS::ApiGateway::Deployment", "dep1", {"RestApiId": "api1"}, "dep1|api1"),
        ("AWS::ApiGateway::Stage", "v1", {"RestApiId": "a", "StageName": "v1"}, "a|v1"),
        ("AWS::ApiGateway::Model", "M", {"RestApiId": "a"}, "a|M"),
        # All parts stand in the physical id.
        ("AWS::WAFv2::WebACL", "n|i|REGIONAL", {}, "n|i|REGIONAL"),
    ],
)
def test_a_physical_id_tells_the_identifier(
    kind: str, physical_id: str, declared: dict[str, Any], expected: str
) -> None:
    assert identifier_of(kind, physical_id, declared) == expected


@pytest.mark.parametrize(
    ("kind", "declared", "why"),
    [
        ("Custom::Thing", {}, "no schema"),
        ("AWS::EC2::EIP", {}, "PublicIp and AllocationId"),
        ("AWS::ApiGateway::Stage", {"RestApiId": Unknown("Api"), "StageName": "v1"}, "RestApiId"),
        ("AWS::ECS::TaskDefinition", {}, "TaskDefinitionArn"),
        (
            "AWS::Route53::RecordSet",
            {"Name": "x", "HostedZoneId": "Z1", "Type": "A"},
            "is x, not its SetIdentifier",
        ),
    ],
)
def test_where_it_does_not_that_is_said(kind: str, declared: dict[str, Any], why: str) -> None:
    with pytest.raises(UnableError, match=why):
        identifier_of(kind, "x", declared)


def test_an_import_asks_for_the_same_properties() -> None:
    assert identifier_properties("AWS::RDS::DBInstance") == ("DBInstanceIdentifier",)
    assert identifier_properties("AWS::ApiGateway::Stage") == ("RestApiId", "StageName")
    assert identifier_properties("Custom::Thing") == ()


def test_what_is_there_is_told_listed_changed_and_deleted(region: Region) -> None:
    kinesis = region.client("kinesis")
    kinesis.create_stream(StreamName="events", ShardCount=1)
    assert (get(region, STREAM, "events") or {})["Name"] == "events"
    assert [name for name, _ in listed(region, STREAM)] == ["events"]
    change(region, STREAM, "events", [{"op": "add", "path": "/RetentionPeriodHours", "value": 48}])
    assert (get(region, STREAM, "events") or {})["RetentionPeriodHours"] == 48
    delete(region, STREAM, "events")
    assert get(region, STREAM, "events") is None
    delete(region, STREAM, "events")
    assert listed(region, STREAM) == []


@pytest.mark.parametrize("verb", ["read", "list", "update", "delete"])
def test_what_aws_has_no_handler_for_is_not_asked(canned: Canned, verb: str) -> None:
    region = Region(canned.account, "eu-west-1")
    verbs: dict[str, Any] = {"read": get, "list": listed, "update": change, "delete": delete}
    arguments: Any = {"list": (), "update": ("x", [])}.get(verb, ("x",))
    with pytest.raises(UnableError, match=f"AWS cannot {verb} Custom::Thing"):
        verbs[verb](region, "Custom::Thing", *arguments)
    assert canned.requests == []


@pytest.mark.parametrize("verb", [get, delete, partial(change, patch=[])])
def test_refusals_are_told_apart(canned: Canned, verb: Any) -> None:
    canned.client("cloudcontrol")
    region = Region(canned.account, "eu-west-1")

    def answer(code: str) -> None:
        body = json.dumps({"__type": code, "message": "why"}).encode()
        canned.answers.clear()
        canned.answer(body, 400, "application/x-amz-json-1.0")

    for code in ("UnsupportedActionException", "TypeNotFoundException", "InvalidRequestException"):
        answer(code)
        with pytest.raises(UnableError, match=f"{code}: why"):
            verb(region, STREAM, "x")
    answer("AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDenied"):
        verb(region, STREAM, "x")


def test_a_list_that_is_not_served_is_said(region: Region) -> None:
    with pytest.raises(UnableError, match="UnsupportedActionException"):
        listed(region, "AWS::ECS::Cluster")


def progress(status: str, **more: str) -> bytes:
    event = {"OperationStatus": status, "RequestToken": "t", **more}
    return json.dumps({"ProgressEvent": event}).encode()


def test_a_deletion_is_waited_for(canned: Canned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloud_control, "poll_delays", lambda: iter([0.0] * 9))
    canned.client("cloudcontrol")
    region = Region(canned.account, "eu-west-1")
    for status in ("PENDING", "IN_PROGRESS", "SUCCESS"):
        canned.answer(progress(status), kind="application/x-amz-json-1.0")
    delete(region, STREAM, "x")
    assert len(canned.requests) == 3


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ({"ErrorCode": "ResourceConflict", "StatusMessage": "in use"}, "ResourceConflict: in use"),
        ({}, "unknown: FAILED"),
    ],
)
def test_a_deletion_that_fails_says_why(canned: Canned, end: dict[str, str], told: str) -> None:
    canned.client("cloudcontrol")
    canned.answer(progress("FAILED", **end), kind="application/x-amz-json-1.0")
    with pytest.raises(TapgenError, match=f"the deletion of {STREAM} x failed: {told}"):
        delete(Region(canned.account, "eu-west-1"), STREAM, "x")


def test_what_was_gone_meanwhile_is_deleted(canned: Canned) -> None:
    canned.client("cloudcontrol")
    canned.answer(progress("FAILED", ErrorCode="NotFound"), kind="application/x-amz-json-1.0")
    delete(Region(canned.account, "eu-west-1"), STREAM, "x")
    assert len(canned.requests) == 1
