"""Whether a comparison is more than what may pass."""

from __future__ import annotations

from typing import Final

from tapgen.model.templates.stateful import STATEFUL_TYPES
from tapgen.review.diff.effect import Effect
from tapgen.review.diff.report import Comparison, ResourceChange

_LOSSES: Final = {Effect.DATA_LOSS, Effect.REMOVAL_DATA_LOSS}
_REPLACEMENTS: Final = {*_LOSSES, Effect.REPLACEMENT, Effect.DEPENDS}


def fails(comparison: Comparison, limit: str | None) -> bool:
    """Whether anything reaches the limit: `replacement`, `data-loss` or `any`; None has no limit.

    What only may be replaced counts as replaced, and as lost where it holds data.
    """
    match limit:
        case None:
            return False
        case "any":
            return comparison.differs
        case "replacement":
            return any(change.effect in _REPLACEMENTS for change in comparison.resources)
        case _:
            return any(map(_may_lose_data, comparison.resources))


def _may_lose_data(change: ResourceChange) -> bool:
    depends = change.effect is Effect.DEPENDS and change.resource_type in STATEFUL_TYPES
    return change.effect in _LOSSES or depends
