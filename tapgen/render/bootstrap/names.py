"""Names of the baseline's resources, and the principals in its policies.

Names begin with `tapgen-<prefix>-`, never with the prefix itself: deployers may change resources
with the environment's prefix, but none of these.
"""

from __future__ import annotations

from typing import Any, Final

from troposphere import Ref, Sub

from tapgen.model.approval import key_alias
from tapgen.model.baseline import ROLES

ACCOUNT: Final = Ref("AWS::AccountId")
ACCOUNT_ROOT: Final = Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")
LEDGER_BUCKET: Final = "tapgen-${Prefix}-ledger-${AWS::AccountId}"
APPROVAL_ALIAS: Final = key_alias("${Prefix}")
STACK: Final = "tapgen-${Prefix}-bootstrap"


def called(purpose: str) -> Sub:
    """The name of a resource for a purpose, such as "deploy" for a role."""
    return Sub(f"tapgen-${{Prefix}}-{purpose}")


def role_arn(purpose: str) -> Sub:
    """The ARN of a role of the baseline."""
    return Sub(
        f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/tapgen-${{Prefix}}-{purpose}"
    )


def ours() -> list[Any]:
    """The roles of the baseline and of the environment, as patterns of ARNs."""
    own = Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${Prefix}-*")
    return [own, *map(role_arn, ROLES)]
