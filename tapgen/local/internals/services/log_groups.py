"""Deletion protection of log groups, which MiniStack does not have."""

from __future__ import annotations

import json
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import cloudwatch_logs

_KEY = "deletionProtectionEnabled"


def protect_log_groups() -> None:
    """Refuse to delete a protected group, and tell in DescribeLogGroups which ones are."""
    delete, describe = cloudwatch_logs._delete_log_group, cloudwatch_logs._describe_log_groups

    def deleting(request: dict[str, Any]) -> Any:
        group = cloudwatch_logs._log_groups.get(request.get("logGroupName"), {})
        if group.get(_KEY):
            return error_response_json(
                "ValidationException",
                "The log group is protected against deletion. Disable deletion protection first.",
                400,
            )
        return delete(request)

    def describing(request: dict[str, Any]) -> Any:
        status, headers, body = describe(request)
        answer = json.loads(body)
        for group in answer.get("logGroups", []):
            record = cloudwatch_logs._log_groups[group["logGroupName"]]
            group[_KEY] = record.get(_KEY, False)
        return status, headers, json.dumps(answer).encode()

    cloudwatch_logs._delete_log_group = deleting
    cloudwatch_logs._describe_log_groups = describing


def set_protection(name: str, *, enabled: bool) -> bool:
    """Return False when there is no such group."""
    group = cloudwatch_logs._log_groups.get(name)
    if group is None:
        return False
    group[_KEY] = enabled
    return True
