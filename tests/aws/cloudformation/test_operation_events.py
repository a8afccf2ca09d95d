"""DescribeEvents as its service model has it: MiniStack records only a part of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.session
import pytest
from botocore.stub import Stubber

from tapgen.aws.cloudformation.operation_events import failures, refusals
from tapgen.model.deployed.events import ResourceEvent

STACK = "arn:aws:cloudformation:eu-west-1:111111111111:stack/payments-dev-data/1"
START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FAILED = {"Filters": {"FailedEvents": True}}


@pytest.fixture
def client() -> Any:
    session = botocore.session.Session()
    return session.create_client(
        "cloudformation", "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )


@pytest.fixture
def aws(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def event(name: str, second: int, kind: str = "PROVISIONING_ERROR", **more: str) -> dict[str, Any]:
    return {
        "EventId": f"{name}-{second}",
        "EventType": kind,
        "Timestamp": START + timedelta(seconds=second),
        "LogicalResourceId": name,
        "ResourceType": "AWS::SQS::Queue",
        **more,
    }


def reasons(found: tuple[ResourceEvent, ...]) -> list[tuple[str, str, str]]:
    return [(e.logical_id, e.status, e.reason) for e in found]


def failed(name: str, second: int, reason: str) -> dict[str, Any]:
    return event(name, second, ResourceStatus="CREATE_FAILED", ResourceStatusReason=reason)


def test_the_operation_and_its_rollback_are_read_page_by_page_in_the_order_of_time(
    client: Any, aws: Stubber
) -> None:
    for operation, events in {
        "rollback": [failed("Key", 9, "will not go")],
        "update": [failed("Queue", 2, "second"), failed("Table", 1, "first")],
    }.items():
        for place, one in enumerate(events):
            last = place == len(events) - 1
            aws.add_response(
                "describe_events",
                {"OperationEvents": [one], **({} if last else {"NextToken": "next"})},
                {"OperationId": operation, **FAILED, **({"NextToken": "next"} if place else {})},
            )
    found = failures(client, STACK, ("rollback", "update"), START)
    assert [(e.logical_id, e.reason) for e in found] == [
        ("Table", "first"),
        ("Queue", "second"),
        ("Key", "will not go"),
    ]


def test_what_failed_before_this_operation_is_left_out(client: Any, aws: Stubber) -> None:
    old = [failed("Old", -5, "long ago"), failed("New", 5, "now")]
    aws.add_response("describe_events", {"OperationEvents": old}, {"StackName": STACK, **FAILED})
    assert [e.logical_id for e in failures(client, STACK, (), START)] == ["New"]


def test_hooks_and_validation_tell_their_own_reasons_and_warnings_are_left_out(
    client: Any, aws: Stubber
) -> None:
    hook = {"HookType": "Acme::Owner", "HookStatusReason": "no owner tag"}
    events = [
        event("Warned", 0, "HOOK_INVOCATION_ERROR", **hook, HookFailureMode="WARN"),
        event("Hooked", 1, "HOOK_INVOCATION_ERROR", **hook, HookFailureMode="FAIL"),
        event(
            "Table",
            2,
            "VALIDATION_ERROR",
            ValidationName="PROPERTY_VALIDATION",
            ValidationStatusReason="not a number",
            ValidationPath="/Resources/Table/Properties/X",
            ValidationFailureMode="FAIL",
        ),
    ]
    aws.add_response("describe_events", {"OperationEvents": events})
    found = failures(client, STACK, (), None)
    assert reasons(found) == [
        ("Hooked", "HOOK_FAILED", "hook Acme::Owner: no owner tag"),
        ("Table", "VALIDATION_FAILED", "not a number (PROPERTY_VALIDATION)"),
    ]
    assert found[1].path == "/Resources/Table/Properties/X"
    assert all(e.is_failure for e in found)


def test_the_validation_of_a_change_set_is_read_by_its_name(client: Any, aws: Stubber) -> None:
    refused = event("Table", 1, "VALIDATION_ERROR", ValidationStatusReason="no")
    aws.add_response(
        "describe_events", {"OperationEvents": [refused]}, {"ChangeSetName": "arn", **FAILED}
    )
    assert reasons(refusals(client, "arn")) == [("Table", "VALIDATION_FAILED", "no (validation)")]


@pytest.mark.parametrize("code", ["AccessDenied", "InvalidAction", "ValidationError"])
def test_where_aws_does_not_tell_there_is_nothing(client: Any, aws: Stubber, code: str) -> None:
    for _ in range(2):
        aws.add_client_error("describe_events", code, "not for you", 403)
    assert failures(client, STACK, ("update",), START) == ()
    assert refusals(client, "arn") == ()
