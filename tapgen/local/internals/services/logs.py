"""CloudWatch Logs: protected groups, and the statement that deliveries add to a bucket's policy.

"If the bucket has a resource policy but that policy doesn't contain the statement [...], that
statement is appended to the bucket's resource policy" (CloudWatch Logs guide, "Logs sent to Amazon
S3" under "Logging that requires additional permissions [V2]").
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import cloudwatch_logs, s3

_KEY = "deletionProtectionEnabled"
_BUCKET = "arn:aws:s3:::"
_SID = "AWSLogDeliveryWrite"


def protect_log_groups() -> None:
    """Refuse to delete a protected group, and show protection in DescribeLogGroups."""
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
    """Return False if there is no such group."""
    group = cloudwatch_logs._log_groups.get(name)
    if group is None:
        return False
    group[_KEY] = enabled
    return True


def append_to_bucket_policies() -> None:
    """Let a new delivery to a bucket add its statement to the bucket's policy."""
    create = cloudwatch_logs._create_delivery

    def creating(request: dict[str, Any]) -> Any:
        status, headers, body = create(request)
        if status == HTTPStatus.OK:
            _allow(request["deliveryDestinationArn"])
        return status, headers, body

    cloudwatch_logs._create_delivery = creating


def _allow(destination: str) -> None:
    for one in cloudwatch_logs._delivery_destinations.values():
        resource = one["deliveryDestinationConfiguration"]["destinationResourceArn"]
        name = resource.removeprefix(_BUCKET).partition("/")[0]
        if one["arn"] == destination and name in s3._buckets:
            policy = json.loads(s3._bucket_policies.get(name) or "{}")
            statements = policy.setdefault("Statement", [])
            if not any(statement.get("Sid") == _SID for statement in statements):
                statements.append(_statement(name))
                s3._bucket_policies[name] = json.dumps({"Version": "2012-10-17", **policy})


def _statement(bucket: str) -> dict[str, Any]:
    account = get_account_id()
    return {
        "Sid": _SID,
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"{_BUCKET}{bucket}/AWSLogs/{account}/*",
        "Condition": {
            "StringEquals": {
                "s3:x-amz-acl": "bucket-owner-full-control",
                "aws:SourceAccount": account,
            },
            "ArnLike": {
                "aws:SourceArn": f"arn:aws:logs:{get_region()}:{account}:delivery-source:*"
            },
        },
    }
