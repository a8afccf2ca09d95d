"""The server's records of RDS databases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.services import rds


def databases() -> Mapping[str, dict[str, Any]]:
    """The instances by their identifiers. They are the originals: a change has effect."""
    found: Mapping[str, dict[str, Any]] = rds._instances
    return found
