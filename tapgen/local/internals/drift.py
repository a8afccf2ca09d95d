"""Drift detection for types and provisioners that MiniStack does not support."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

from ministack.services import s3, secretsmanager, waf
from ministack.services.cloudformation import drift

_SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - the name of a type


def find_secrets_by_arn() -> None:
    """Let drift detection find secrets by their ARN, which Ref returns on AWS.

    MiniStack searches for the name, and reports every secret as deleted.
    """
    read, supported = drift._DRIFT_READERS[_SECRET]

    def reader(physical_id: str, properties: dict[str, Any]) -> Any:
        name, _ = secretsmanager._resolve(physical_id)
        return read(name, properties)

    drift._DRIFT_READERS[_SECRET] = (reader, supported)


def know_policies_and_firewalls() -> None:
    """Detect drift of bucket policies and of web ACLs, whose search strings AWS returns twice.

    If a rule has one of `SearchString` and `SearchStringBase64`, CloudFormation reads both
    (aws-cloudformation/cloudformation-coverage-roadmap#2537).
    """
    drift._DRIFT_READERS["AWS::S3::BucketPolicy"] = (_bucket_policy, frozenset({"PolicyDocument"}))
    drift._DRIFT_READERS["AWS::WAFv2::WebACL"] = (_web_acl, frozenset({"Rules"}))


def _bucket_policy(_physical_id: str, properties: dict[str, Any]) -> dict[str, Any] | None:
    policy = s3._bucket_policies.get(properties["Bucket"])
    return {"PolicyDocument": json.loads(policy)} if policy else None


def _web_acl(physical_id: str, _properties: dict[str, Any]) -> dict[str, Any] | None:
    _, identifier, scope = physical_id.split("|")
    found = waf.web_acl_record(identifier, scope)
    return {"Rules": _spelled_twice(found["Rules"])} if found else None


def _spelled_twice(document: Any) -> Any:
    if isinstance(document, list):
        return [_spelled_twice(item) for item in document]
    if not isinstance(document, dict):
        return document
    spelled = {key: _spelled_twice(value) for key, value in document.items()}
    if text := document.get("SearchString"):
        spelled["SearchStringBase64"] = b64encode(str(text).encode()).decode()
    return spelled
