"""Dependent actions: permissions that a caller needs in addition to the request's own action.

MiniStack checks one action per request, and no permissions for what CloudFormation does in the
caller's name.
"""

from __future__ import annotations

import json
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import firehose, kms, s3, sqs

from tapgen.local.internals import permissions

if TYPE_CHECKING:
    from collections.abc import Iterator

# CloudFormation template reference, Fn::GetAZs, IAM permissions.
_ZONES: Final = (
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeAccountAttributes",
    "ec2:DescribeSubnets",
)
# CloudFormation user guide, "Detect unmanaged configuration changes", Considerations.
_DRIFT: Final = "cloudformation:DetectStackDrift"
_CHANGE_SET: Final = "cloudformation:CreateChangeSet"
_READ: Final = "s3:GetObject"
_ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class _Ask:
    """One more permission to check."""

    action: str
    resource: str = _ANY
    keys: dict[str, str] = field(default_factory=dict)


# The checks of the current request, by its own action.
_asks: ContextVar[dict[str | None, tuple[_Ask, ...]]] = ContextVar("asks")


def ask_for_dependent_actions() -> None:
    """Deny a request also if it lacks a dependent action, which the error names."""
    enforce = iam_evaluator.enforce

    def noting(request: permissions.Request, found: str) -> str:
        action = request.action
        _asks.set({action: tuple(_dependent(action, found, request.query_params))})
        return found

    def enforcing(access_key: str, action: str, service: str, region: str, **more: Any) -> Any:
        denied = enforce(access_key, action, service, region, **more)
        if denied:
            return denied
        for ask in _asks.get({}).get(action, ()):
            denied = enforce(
                access_key,
                ask.action,
                ask.action.partition(":")[0],
                region,
                resource_arn=ask.resource,
                service_context=ask.keys,
            )
            if denied:
                # This is not a failed authentication: the caller was known for the action itself.
                return _error(ask, denied)
        return None

    permissions.told_of_resources(noting)
    iam_evaluator.enforce = enforcing


def _dependent(action: str | None, resource: str, fields: dict[str, Any]) -> Iterator[_Ask]:
    if action == _DRIFT:
        yield _Ask("cloudformation:DetectStackResourceDrift", resource)
        yield _Ask("cloudformation:BatchDescribeTypeConfigurations")
    elif action == _CHANGE_SET:
        if fields.get("Tags.member.1.Key"):
            yield _Ask("cloudformation:TagResource", resource)
        if role := _first(fields, "RoleARN"):
            to = {"iam:PassedToService": "cloudformation.amazonaws.com"}
            yield _Ask("iam:PassRole", role, to)
        # With a role, CloudFormation uses the role's permissions, which are not checked here.
        elif "Fn::GetAZs" in _functions(_first(fields, "TemplateBody")):
            for needed in _ZONES:
                yield _Ask(needed)
    elif action in _WRITES and (key := kms._resolve_key(_WRITES[action](resource))):
        service = f"{action.partition(':')[0]}.{get_region()}.amazonaws.com"
        keys = {"kms:ViaService": service, "kms:CallerAccount": get_account_id()}
        for needed in _WRITING:
            yield _Ask(needed, key["Arn"], keys)
    elif action == _READ:
        yield from _for_absence(resource)


def _for_absence(arn: str) -> Iterator[_Ask]:
    """What it takes to be told that an object does not exist.

    "If the object that you request doesn't exist, the error that Amazon S3 returns depends on
    whether you also have the s3:ListBucket permission": 404 with it, 403 without it (S3 API
    reference, GetObject and HeadObject; aws/aws-cli#2041). Which s3:prefix this check has is not
    documented. Here it is the key, as if exactly this object were listed.
    """
    bucket, _, key = arn.partition("/")
    found = s3._buckets.get(bucket.rpartition(":")[2])
    if found and key not in found["objects"]:
        yield _Ask("s3:ListBucket", bucket, {"s3:prefix": key})


def _key_of_stream(arn: str) -> str | None:
    stream = firehose._streams.get(arn.rpartition("/")[2]) or {}
    return (stream.get("encryption") or {}).get("KeyARN")


def _key_of_queue(arn: str) -> str | None:
    queue = sqs._queues.get(sqs._queue_name_to_url.get(arn.rpartition(":")[2])) or {}
    key: str | None = queue.get("attributes", {}).get("KmsMasterKeyId")
    return key


# Action -> a function that returns the key of the written resource. Firehose developer guide, for
# streams created since 2026-04-20; SQS developer guide, Key management, Producer permissions.
_WRITES: Final = {
    "firehose:PutRecord": _key_of_stream,
    "firehose:PutRecordBatch": _key_of_stream,
    "sqs:SendMessage": _key_of_queue,
}
_WRITING: Final = ("kms:GenerateDataKey", "kms:Decrypt")


def _functions(template: str) -> set[str]:
    """Keys of all mappings in a template, including those of functions."""
    found = set[str]()

    def see(pairs: dict[str, Any]) -> dict[str, Any]:
        found.update(pairs)
        return pairs

    with suppress(ValueError):  # YAML, which nothing here writes
        json.loads(template, object_hook=see)
    return found


def _first(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name, "")
    return str(value[0] if isinstance(value, list) else value)


def _error(ask: _Ask, denied: Any) -> Any:
    message = iam_actions.identity_denial_message(
        ask.action, denied.principal_arn, ask.resource, denied.decision == "Deny"
    )
    return iam_evaluator.AuthError("AccessDenied", message)
