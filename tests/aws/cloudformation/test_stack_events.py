"""Stack events as AWS has them and MiniStack has not: hooks."""

from __future__ import annotations

from typing import Any

import pytest

from tapgen.aws.cloudformation.answers import resource_event

EVENT: dict[str, Any] = {
    "EventId": "1",
    "LogicalResourceId": "Table",
    "ResourceStatus": "CREATE_IN_PROGRESS",
    "HookType": "Acme::Owner",
    "HookStatusReason": "no owner tag",
}


@pytest.mark.parametrize("status", ["HOOK_FAILED", "HOOK_COMPLETE_FAILED"])
def test_a_hook_that_fails_is_a_failure_with_its_own_reason(status: str) -> None:
    event = resource_event({**EVENT, "HookStatus": status, "HookFailureMode": "FAIL"})
    assert (event.status, event.reason) == ("HOOK_FAILED", "hook Acme::Owner: no owner tag")
    assert event.is_failure


@pytest.mark.parametrize(
    "hook",
    [
        {"HookStatus": "HOOK_COMPLETE_FAILED", "HookFailureMode": "WARN"},
        {"HookStatus": "HOOK_COMPLETE_SUCCEEDED", "HookFailureMode": "FAIL"},
        {},
    ],
)
def test_a_hook_that_warns_or_agrees_is_none(hook: dict[str, str]) -> None:
    event = resource_event({**EVENT, **hook})
    assert (event.status, event.is_failure) == ("CREATE_IN_PROGRESS", False)


def test_a_line_break_in_a_reason_starts_no_line_of_ours() -> None:
    reason = "no access\n12:00:00  data           created\r\n"
    event = resource_event({**EVENT, "ResourceStatus": "FAILED", "ResourceStatusReason": reason})
    assert event.reason == "no access 12:00:00 data created"
