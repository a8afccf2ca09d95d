"""The key that signs approvals: only approvers can sign, and deployers cannot change the key."""

from __future__ import annotations

from typing import Any

from awacs import kms
from awacs.aws import (
    Action,
    Allow,
    ArnEquals,
    ArnNotLike,
    Condition,
    PolicyDocument,
    Principal,
    Statement,
)
from troposphere import GetAtt, Ref, Sub
from troposphere.kms import Alias, Key

from tapgen.render.accepted import accepted, because
from tapgen.render.blueprint import Blueprint
from tapgen.render.bootstrap.names import ACCOUNT_ROOT, APPROVAL_ALIAS, ours, role_arn
from tapgen.render.retained import RETAINED

# All actions that change the key (service authorization reference).
_ADMINISTRATION = (
    kms.CancelKeyDeletion,
    kms.DisableKey,
    kms.EnableKey,
    kms.PutKeyPolicy,
    kms.ScheduleKeyDeletion,
    kms.TagResource,
    kms.UntagResource,
    kms.UpdateAlias,
    kms.CreateAlias,
    kms.DeleteAlias,
    kms.UpdateKeyDescription,
)
_LOOKING = (
    kms.DescribeKey,
    kms.GetKeyPolicy,
    kms.GetKeyRotationStatus,
    kms.GetPublicKey,
    kms.ListGrants,
    kms.ListKeyPolicies,
    kms.ListResourceTags,
    kms.Verify,
)
_NOT_ROTATED = because(
    "KMS does not rotate asymmetric keys; a new one is a new resource of the stack.",
    "CMK_BACKING_KEY_ROTATION_ENABLED",
)


def add_approvals(blueprint: Blueprint) -> None:
    """Add the key (ECDSA on P-256 with SHA-256) and its alias.

    Every statement names the account, so IAM policies grant access (KMS developer guide, "Default
    key policy"), within the conditions here.
    """
    blueprint.add(
        Key(
            "ApprovalKey",
            Description=Sub("Signs approvals of plans for ${Prefix}."),
            KeyPolicy=PolicyDocument(
                Version="2012-10-17",
                Statement=[
                    _allow(
                        "AdministerButNotByThoseWhoDeploy",
                        _ADMINISTRATION,
                        ArnNotLike("aws:PrincipalArn", ours()),
                    ),
                    _allow("Look", _LOOKING),
                    _allow("Sign", [kms.Sign], ArnEquals("aws:PrincipalArn", role_arn("approve"))),
                ],
            ),
            KeySpec="ECC_NIST_P256",
            KeyUsage="SIGN_VERIFY",
            Metadata=accepted(_NOT_ROTATED),
            **RETAINED,
        )
    )
    blueprint.add(
        Alias(
            "ApprovalKeyAlias",
            AliasName=Sub(APPROVAL_ALIAS),
            TargetKeyId=Ref("ApprovalKey"),
            **RETAINED,
        )
    )
    blueprint.output("ApprovalKeyArn", GetAtt("ApprovalKey", "Arn"), "Key that signs approvals.")


def _allow(sid: str, actions: Any, condition: Any = None) -> Statement:
    extra = {"Condition": Condition(condition)} if condition else {}
    allowed: list[Action] = list(actions)
    return Statement(
        Sid=sid,
        Effect=Allow,
        Principal=Principal("AWS", [ACCOUNT_ROOT]),
        Action=allowed,
        Resource=["*"],
        **extra,
    )
