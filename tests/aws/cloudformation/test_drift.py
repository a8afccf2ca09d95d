"""Drift detection of CloudFormation, with answers written from its service model."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from tapgen.aws.cloudformation.drift import detect
from tapgen.aws.resources.retained import Region
from tapgen.errors import TapgenError
from tapgen.model.deployed.drift import Detected, DriftedProperty

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.aws.account import Account

STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/lab-data/0"
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def region(account: Account) -> Region:
    return Region(account, "us-east-1")


@pytest.fixture
def aws(region: Region, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    monkeypatch.setattr("tapgen.aws.polling.time.sleep", lambda _: None)
    with Stubber(region.client("cloudformation")) as stubber:
        stubber.add_response(
            "detect_stack_drift", {"StackDriftDetectionId": "1"}, {"StackName": STACK}
        )
        yield stubber
        stubber.assert_no_pending_responses()


def status(aws: Stubber, detection: str) -> None:
    answer = {
        "StackId": STACK,
        "StackDriftDetectionId": "1",
        "DetectionStatus": detection,
        "Timestamp": NOW,
    }
    aws.add_response(
        "describe_stack_drift_detection_status", answer, {"StackDriftDetectionId": "1"}
    )


def resource(logical_id: str, state: str, **more: Any) -> dict[str, Any]:
    return {
        "StackId": STACK,
        "LogicalResourceId": logical_id,
        "ResourceType": "AWS::SQS::Queue",
        "StackResourceDriftStatus": state,
        "Timestamp": NOW,
        **more,
    }


def test_every_page_is_read_after_the_detection_has_ended(aws: Stubber, region: Region) -> None:
    status(aws, "DETECTION_IN_PROGRESS")
    status(aws, "DETECTION_FAILED")  # for at least one resource: the others are told all the same
    modified = resource(
        "Queue",
        "MODIFIED",
        ActualProperties=json.dumps({"QueueName": "q", "DelaySeconds": 9}),
        PropertyDifferences=[
            {
                "PropertyPath": "/DelaySeconds",
                "ExpectedValue": "0",
                "ActualValue": "9",
                "DifferenceType": "NOT_EQUAL",
            },
            {
                "PropertyPath": "/RedrivePolicy/maxReceiveCount",
                "ExpectedValue": "3",
                "ActualValue": "null",
                "DifferenceType": "REMOVE",
            },
        ],
    )
    first = {"StackResourceDrifts": [modified], "NextToken": "2"}
    aws.add_response("describe_stack_resource_drifts", first, {"StackName": STACK})
    rest = [
        resource("Gone", "DELETED"),
        resource("Odd", "UNKNOWN", DriftStatusReason="access denied"),
    ]
    aws.add_response(
        "describe_stack_resource_drifts",
        {"StackResourceDrifts": rest},
        {"StackName": STACK, "NextToken": "2"},
    )
    found = detect(region, STACK)
    assert found == {
        "Queue": Detected(
            "MODIFIED",
            frozenset({"QueueName", "DelaySeconds", "RedrivePolicy"}),
            (
                DriftedProperty("/DelaySeconds", "0", "9"),
                DriftedProperty("/RedrivePolicy/maxReceiveCount", "3", "null"),
            ),
        ),
        "Gone": Detected("DELETED"),
        "Odd": Detected("UNKNOWN", reason="access denied"),
    }


def test_a_refusal_says_what_was_being_done(aws: Stubber, region: Region) -> None:
    aws.add_client_error("describe_stack_drift_detection_status", "AccessDenied", "no")
    with pytest.raises(TapgenError, match=r"detecting the drift of .*AccessDenied"):
        detect(region, STACK)
