"""The databases of RDS as the server keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.services import rds


def databases() -> Mapping[str, dict[str, Any]]:
    """The instances by their identifiers; what is changed in one is changed."""
    found: Mapping[str, dict[str, Any]] = rds._instances
    return found
