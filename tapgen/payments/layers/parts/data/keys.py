"""KMS keys: retained, rotated every year, found by their alias, with a narrow policy.

A key policy is the root of all permissions on its key, so statements list their actions one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from awacs import kms
from awacs.aws import (
    Allow,
    ArnEquals,
    ArnLike,
    Bool,
    Condition,
    Deny,
    PolicyDocument,
    Principal,
    SourceAccount,
    SourceArn,
    Statement,
    StringEquals,
)
from troposphere import GetAtt, Ref, Sub
from troposphere.kms import Alias, Key

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.parts.iam.arns import (
    ACCOUNT,
    ACCOUNT_ROOT,
    API_GATEWAY_ROLE,
    arn,
    regional_service,
)
from tapgen.render.accepted import accepted
from tapgen.render.retained import RETAINED

_ADMINISTRATION: Final = (
    kms.CancelKeyDeletion,
    kms.CreateAlias,
    kms.DeleteAlias,
    kms.DescribeKey,
    kms.DisableKey,
    kms.DisableKeyRotation,
    kms.EnableKey,
    kms.EnableKeyRotation,
    kms.GetKeyPolicy,
    kms.GetKeyRotationStatus,
    kms.ListGrants,
    kms.ListKeyPolicies,
    kms.ListKeyRotations,
    kms.ListResourceTags,
    kms.PutKeyPolicy,
    kms.RevokeGrant,
    kms.RotateKeyOnDemand,
    kms.ScheduleKeyDeletion,
    kms.TagResource,
    kms.UntagResource,
    kms.UpdateAlias,
    kms.UpdateKeyDescription,
)
_ENCRYPTION: Final = (
    kms.Decrypt,
    kms.DescribeKey,
    kms.Encrypt,
    kms.GenerateDataKey,
    kms.GenerateDataKeyWithoutPlaintext,
    kms.ReEncryptFrom,
    kms.ReEncryptTo,
)
_THIS_KEY: Final = ["*"]  # in a key policy, this is the key itself


def add_key(
    blueprint: Blueprint,
    description: str,
    alias: str,
    statements: Sequence[Statement],
    *exceptions: Mapping[str, str],
) -> GetAtt:
    """Add `Key` and `KeyAlias`. Returns the key's ARN. `alias` has no `alias/`.

    `statements` are added to administration by the account's IAM policies. `exceptions` are
    accepted findings about them, see `render.accepted`.
    """
    blueprint.prefix()
    key = blueprint.add(
        Key(
            "Key",
            Description=description,
            EnableKeyRotation=True,
            RotationPeriodInDays=365,  # PCI DSS 3.7.4 requires a defined cryptoperiod
            PendingWindowInDays=30,  # KMS's longest waiting period
            KeyPolicy=PolicyDocument(
                Version="2012-10-17",
                Statement=[_administration(), *statements, _grants_are_for_services()],
            ),
            **({"Metadata": accepted(*exceptions)} if exceptions else {}),
            **RETAINED,
        )
    )
    blueprint.add(
        Alias("KeyAlias", AliasName=Sub(f"alias/{alias}"), TargetKeyId=Ref(key), **RETAINED)
    )
    return GetAtt(key, "Arn")


def use_through(*services: str) -> Statement:
    """Let IAM policies of this account allow use of the key, but only through these services."""
    return Statement(
        Sid="UseThroughServices",
        Effect=Allow,
        Principal=Principal("AWS", [ACCOUNT_ROOT]),
        Action=[*_ENCRYPTION, kms.CreateGrant],
        Resource=_THIS_KEY,
        Condition=Condition(
            StringEquals(
                {
                    "kms:CallerAccount": ACCOUNT,
                    "kms:ViaService": [regional_service(name) for name in services],
                }
            )
        ),
    )


def use_by_cloudwatch_logs() -> Statement:
    """Allow CloudWatch Logs to encrypt the log groups of this account and region."""
    return Statement(
        Sid="EncryptLogGroups",
        Effect=Allow,
        Principal=Principal("Service", [regional_service("logs")]),
        Action=[*_ENCRYPTION],
        Resource=_THIS_KEY,
        Condition=Condition(
            ArnLike("kms:EncryptionContext:aws:logs:arn", arn("logs", "log-group:*"))
        ),
    )


def use_by_log_delivery(source: Any) -> Statement:
    """Allow delivery of vended logs from the ARN `source` to write encrypted objects."""
    return _use_by("delivery.logs.amazonaws.com", "EncryptDeliveredLogs", [*_ENCRYPTION], source)


def use_by_alarms() -> Statement:
    """Allow alarms of this account to publish to an encrypted topic."""
    return _use_by(
        "cloudwatch.amazonaws.com",
        "PublishAlarms",
        [kms.Decrypt, kms.GenerateDataKey],
        arn("cloudwatch", "alarm:*"),
    )


def use_by_api_gateway() -> Statement:
    """Allow API Gateway to write its access logs to an encrypted Firehose stream.

    Writers to a stream need access to its key. API Gateway writes as its service-linked role, whose
    managed policy has no KMS permissions. The role is created with the account's first API, so a
    policy cannot name it as a principal before.
    """
    return Statement(
        Sid="EncryptAccessLogs",
        Effect=Allow,
        Principal=Principal("AWS", ["*"]),
        Action=[kms.Decrypt, kms.GenerateDataKey],
        Resource=_THIS_KEY,
        Condition=Condition(
            [
                ArnEquals("aws:PrincipalArn", API_GATEWAY_ROLE),
                StringEquals(
                    {
                        "kms:CallerAccount": ACCOUNT,
                        "kms:ViaService": [regional_service("firehose")],
                    }
                ),
            ]
        ),
    )


def _use_by(service: str, sid: str, actions: list[Any], source: Any) -> Statement:
    return Statement(
        Sid=sid,
        Effect=Allow,
        Principal=Principal("Service", [service]),
        Action=actions,
        Resource=_THIS_KEY,
        Condition=Condition([StringEquals(SourceAccount, ACCOUNT), ArnLike(SourceArn, source)]),
    )


def _administration() -> Statement:
    return Statement(
        Sid="AdministerThroughIam",
        Effect=Allow,
        Principal=Principal("AWS", [ACCOUNT_ROOT]),
        Action=[*_ADMINISTRATION],
        Resource=_THIS_KEY,
    )


def _grants_are_for_services() -> Statement:
    """Deny grants by people, because a grant allows use of the key despite every other policy.

    Services create grants for a caller's resource (`kms:GrantIsForAWSResource`) or on their own.
    AWS does not document this for each service, so both are allowed.
    """
    return Statement(
        Sid="DenyGrantsExceptForServices",
        Effect=Deny,
        Principal=Principal("AWS", ["*"]),
        Action=[kms.CreateGrant],
        Resource=_THIS_KEY,
        Condition=Condition(
            Bool({"kms:GrantIsForAWSResource": "false", "aws:PrincipalIsAWSService": "false"})
        ),
    )
