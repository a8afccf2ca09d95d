"""DescribeEvents: failures of an operation, of its validation and of its hooks.

It returns more than DescribeStackEvents (validation, and the operation without its rollback), but
requires its own IAM permission, so everything here returns nothing instead of failing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from tapgen.aws.answers import UnusableAnswerError
from tapgen.aws.cloudformation.answers import hook_reason, one_line, resource_event
from tapgen.model.deployed.events import ResourceEvent

_NOT_TOLD: Final = (ClientError, BotoCoreError, UnusableAnswerError)


def failures(
    client: Any, stack_id: str, operations: Sequence[str], since: datetime | None
) -> tuple[ResourceEvent, ...]:
    """The failures since then in the given operations of a stack (in all if none is given).

    Oldest first; also empty if AWS does not answer.
    """
    which: list[dict[str, Any]] = [{"OperationId": operation} for operation in operations]
    asked = which or [{"StackName": stack_id}]
    try:
        events = [event for where in asked for event in _failed(client, **where)]
    except _NOT_TOLD:
        return ()
    recent = [event for event in events if since is None or event["Timestamp"] >= since]
    recent.sort(key=lambda event: event["Timestamp"])
    return tuple(_event(event) for event in recent)


def refusals(client: Any, change_set: str) -> tuple[ResourceEvent, ...]:
    """Why the validation of a change set failed; also empty if AWS does not answer."""
    try:
        return tuple(_event(event) for event in _failed(client, ChangeSetName=change_set))
    except _NOT_TOLD:
        return ()


def _failed(client: Any, **where: Any) -> Iterator[Mapping[str, Any]]:
    token: dict[str, str] = {}
    while True:
        answer = client.describe_events(**where, **token, Filters={"FailedEvents": True})
        for event in answer["OperationEvents"]:
            if "WARN" not in {event.get("ValidationFailureMode"), event.get("HookFailureMode")}:
                yield event
        if not answer.get("NextToken"):
            return
        token = {"NextToken": answer["NextToken"]}


def _event(event: Mapping[str, Any]) -> ResourceEvent:
    found = replace(resource_event(event), path=event.get("ValidationPath", ""))
    if event["EventType"] == "VALIDATION_ERROR":
        name = event.get("ValidationName", "validation")
        reason = one_line(f"{event.get('ValidationStatusReason', '')} ({name})")
        return replace(found, status="VALIDATION_FAILED", reason=reason)
    if event["EventType"] == "HOOK_INVOCATION_ERROR":
        return replace(found, status="HOOK_FAILED", reason=one_line(hook_reason(event)))
    return found
