"""Policies: trust policies, TLS only, a key that services use for this account."""

from __future__ import annotations

from typing import Any, Final

from tapgen.render.blueprint import Blueprint
from troposphere import GetAtt, Sub

KEY_ARN: Final = r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[a-f0-9-]{36}$"
_ROOT: Final = Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")
_ADMINISTRATION: Final = (
    "CancelKeyDeletion", "CreateAlias", "DeleteAlias", "DescribeKey", "DisableKey",
    "DisableKeyRotation", "EnableKey", "EnableKeyRotation", "GetKeyPolicy", "GetKeyRotationStatus",
    "ListGrants", "ListKeyPolicies", "ListResourceTags", "PutKeyPolicy", "RevokeGrant",
    "ScheduleKeyDeletion", "TagResource", "UntagResource", "UpdateAlias", "UpdateKeyDescription",
)  # fmt: skip
_USE: Final = ("CreateGrant", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey")
# The services through which IAM policies of this account may allow use of the key.
_SERVICES: Final = ("lambda", "rds", "s3", "sns", "sqs")


def key_input(blueprint: Blueprint) -> Any:
    """The parameter for the key from the layer `storage`."""
    return blueprint.input("KeyArn", "KMS key for encryption.", pattern=KEY_ARN)


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(sid: str, actions: list[str], *resources: Any, **more: Any) -> dict[str, Any]:
    """A statement that allows `actions`. `more` are its other keys, such as `Condition`."""
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": [*resources], **more}


def trust(service: str) -> dict[str, Any]:
    """The trust policy for a role of an AWS service."""
    principal = {"Service": f"{service}.amazonaws.com"}
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


def over_tls_only(service: str, *resources: Any) -> dict[str, Any]:
    """A statement that denies all requests without TLS."""
    return {
        "Sid": "OverTlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": f"{service}:*",
        "Resource": [*resources],
        "Condition": {"Bool": {"aws:SecureTransport": False}},
    }


def key_policy() -> dict[str, Any]:
    """The key policy: IAM policies of the account control the key, and its use through services."""
    through = [Sub(f"{name}.${{AWS::Region}}.amazonaws.com") for name in _SERVICES]
    account = Sub("${AWS::AccountId}")
    logs = Sub("arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:*")
    use = [f"kms:{name}" for name in _USE]
    return document(
        {
            **allow("Administer", [f"kms:{name}" for name in _ADMINISTRATION], "*"),
            "Principal": {"AWS": _ROOT},
        },
        {
            **allow("UseThroughServices", use, "*"),
            "Principal": {"AWS": _ROOT},
            "Condition": {
                "StringEquals": {"kms:CallerAccount": account, "kms:ViaService": through}
            },
        },
        {
            **allow("EncryptLogs", use[1:], "*"),
            "Principal": {"Service": Sub("logs.${AWS::Region}.amazonaws.com")},
            "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": logs}},
        },
        {
            **allow("TellAlarms", ["kms:Decrypt", "kms:GenerateDataKey"], "*"),
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        },
    )


def of_queue(queue: Any) -> dict[str, Any]:
    """The policy of a queue: TLS only."""
    return document(over_tls_only("sqs", GetAtt(queue, "Arn")))
