"""The names of what `tapgen bootstrap` makes, as plain text."""

from __future__ import annotations

from typing import Final

ROLES: Final = ("approve", "cloudformation", "deploy", "review")
"""What the roles of an account are for."""


def role_name(prefix: str, purpose: str) -> str:
    """The name of the role that serves a purpose for the environment with that prefix."""
    return f"tapgen-{prefix}-{purpose}"
