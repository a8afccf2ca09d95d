"""Names of resources of `tapgen bootstrap`, as plain text."""

from __future__ import annotations

from typing import Final

ROLES: Final = ("approve", "cloudformation", "deploy", "review")
"""The purposes of an account's roles."""


def role_name(prefix: str, purpose: str) -> str:
    """The name of the role for a purpose in the environment with that prefix."""
    return f"tapgen-{prefix}-{purpose}"
