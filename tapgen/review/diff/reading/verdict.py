"""Whether a comparison exceeds a limit."""

from __future__ import annotations

from typing import Final

from tapgen.model.templates.stateful import STATEFUL_TYPES
from tapgen.review.diff.effect import Effect
from tapgen.review.diff.report import Comparison, ResourceChange

# An update that AWS refuses is never intended, so it reaches every limit.
_LOSSES: Final = {Effect.DATA_LOSS, Effect.REMOVAL_DATA_LOSS, Effect.FAILS}
_UNPROTECTED: Final = {*_LOSSES, Effect.UNPROTECTED}
_REPLACEMENTS: Final = {*_UNPROTECTED, Effect.REPLACEMENT, Effect.DEPENDS}


def fails(comparison: Comparison, limit: str | None) -> bool:
    """True if anything reaches the limit; None is no limit.

    Each limit includes those before it: `data-loss`, `unprotect`, `replacement`, `any`. A resource
    that may be replaced counts as replaced, and as lost if it holds data. An update that AWS
    refuses reaches all limits.
    """
    match limit:
        case None:
            return False
        case "any":
            return comparison.differs
        case "replacement":
            reached = _REPLACEMENTS
        case "unprotect":
            reached = _UNPROTECTED
        case _:
            reached = _LOSSES
    return any(one.effect in reached or _may_lose_data(one) for one in comparison.resources)


def _may_lose_data(change: ResourceChange) -> bool:
    return change.effect is Effect.DEPENDS and change.resource_type in STATEFUL_TYPES
