"""The outcome of looking at one property of what is deployed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Check:
    """What was declared for a property, and what is there.

    `logical_id` is empty for properties of the stack itself. For the live API, `layer` is `LIVE`
    and `logical_id` the operation. `ok` is None where the two cannot be compared, because the
    declared value is known to AWS only or the actual one is not read.
    """

    layer: str
    logical_id: str
    property: str
    declared: Any
    actual: Any
    ok: bool | None


LIVE = "live API"
