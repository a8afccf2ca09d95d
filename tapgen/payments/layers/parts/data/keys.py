"""KMS keys: retained, rotated every year, found again by their alias, narrow in their policy.

A key policy is the root of all permissions on its key, so statements name their actions one by one.
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
_THIS_KEY: Final = ["*"]  # in a key policy that is the key itself


def add_key(
    blueprint: Blueprint,
    description: str,
    alias: str,
    statements: Sequence[Statement],
    *exceptions: Mapping[str, str],
) -> GetAtt:
    """Add `Key` and `KeyAlias`; give the key's ARN. `alias` goes without `alias/`.

    `statements` come on top of administration by the account's IAM policies; `exceptions` are
    findings about them that were weighed, see `render.accepted`.
    """
    blueprint.prefix()
    key = blueprint.add(
        Key(
            "Key",
            Description=description,
            EnableKeyRotation=True,
            RotationPeriodInDays=365,  # PCI DSS 3.7.4 asks for a defined cryptoperiod
            PendingWindowInDays=30,  # the longest KMS offers for second thoughts
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
    """IAM policies of this account may allow use of the key, but only through these services."""
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
    """CloudWatch Logs may encrypt the log groups of this account and region."""
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
    """The delivery of vended logs may write encrypted objects; `source` is an ARN it comes from."""
    return _use_by("delivery.logs.amazonaws.com", "EncryptDeliveredLogs", [*_ENCRYPTION], source)


def use_by_alarms() -> Statement:
    """Alarms of this account may publish to an encrypted topic."""
    return _use_by(
        "cloudwatch.amazonaws.com",
        "PublishAlarms",
        [kms.Decrypt, kms.GenerateDataKey],
        arn("cloudwatch", "alarm:*"),
    )


def use_by_api_gateway() -> Statement:
    """API Gateway may write its access logs to an encrypted Firehose stream.

    Firehose lets whoever writes to a stream use its key, and API Gateway writes as its
    service-linked role, whose managed policy has nothing of KMS. The role comes into being with the
    account's first API, so it is no principal that a policy could name before.
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
    """A grant lets its holder use the key past every other policy, so people may create none.

    Services call for a caller's resource (`kms:GrantIsForAWSResource`) or by themselves; AWS does
    not say of each how it does, so either lets it through.
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
