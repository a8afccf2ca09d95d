"""The caller's identity in conditions of policies."""

from __future__ import annotations

from typing import Any, Final

from ministack.core import iam_evaluator
from ministack.services import iam

_KEY: Final = "aws:principalarn"
_SESSION: Final = ":assumed-role/"


def know_roles() -> None:
    """Let aws:PrincipalArn of a session be its role, with the path (IAM user guide, that key)."""
    original = iam_evaluator._resolve_condition_key

    def resolve(key: str, context: Any) -> Any:
        if key.lower() == _KEY and _SESSION in context.principal_arn:
            return _role(context.principal_arn)
        return original(key, context)

    iam_evaluator._resolve_condition_key = resolve


def _role(session: str) -> str:
    account, name = session.split(":")[4], session.partition(_SESSION)[2].partition("/")[0]
    role = iam._roles.get_scoped(account, None, name) or {}
    return str(role.get("Arn", f"arn:aws:iam::{account}:role/{name}"))
