"""Statements of resource policies that deny requests of all principals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from awacs import s3 as s3_actions
from awacs.aws import (
    Action,
    Bool,
    Condition,
    Deny,
    NumericLessThan,
    Principal,
    SecureTransport,
    Statement,
)
from troposphere import Sub

from tapgen.render.accepted import because

TLS_AS_TEXT = because(
    'IAM writes the value as the string "false"; the rule accepts only the JSON literal.',
    "S3_BUCKET_SSL_REQUESTS_ONLY",
)
"""Accepted where a bucket's policy has the statements of `bucket_over_tls`."""


def deny(sid: str, action: Action, resources: Sequence[Any], condition: Any) -> Statement:
    """Deny the action if the condition is true, or all conditions if there are several."""
    return Statement(
        Sid=sid,
        Effect=Deny,
        Principal=Principal("AWS", ["*"]),
        Action=[action],
        Resource=[*resources],
        Condition=Condition(condition),
    )


def deny_without_tls(action: Action, *resources: Any) -> Statement:
    """Deny requests over plain HTTP."""
    return deny("DenyWithoutTls", action, resources, Bool(SecureTransport, "false"))


def bucket_over_tls(bucket: Any) -> list[Statement]:
    """Deny requests to a bucket (its ARN) without TLS, or with TLS older than 1.2."""
    everything = s3_actions.Action("*")
    resources = (bucket, Sub("${Bucket}/*", Bucket=bucket))
    old = NumericLessThan("s3:TlsVersion", "1.2")
    return [
        deny_without_tls(everything, *resources),
        deny("DenyOldTls", everything, resources, old),
    ]
