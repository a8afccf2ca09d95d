"""What an environment may cost a month, by its own setting, and whether it may come to cost more.

The most that autoscaling lets it cost is what counts: nobody is asked again before it gets there.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from tapgen.model.platform import Platform
from tapgen.model.stack import Stack
from tapgen.review.cost.basis import basis_of
from tapgen.review.cost.estimate import estimate
from tapgen.review.cost.quantities import Usage
from tapgen.settings.base import Cost

SETTING: Final = "cost.monthly_limit"
_CENT: Final = Decimal("0.01")


def excess(platform: Platform, stacks: Sequence[Stack], cost: Cost) -> str:
    """Why an environment of these stacks is above its limit, in words; "" where it is not."""
    if cost.monthly_limit is None:
        return ""
    found = estimate(stacks, Usage.of(cost), basis_of(platform))
    most = found.total().high
    if most <= cost.monthly_limit:
        return ""
    more = "" if found.is_complete() else ", beside what has no known price"
    return (
        f"it may cost {most.quantize(_CENT):,} US dollars a month{more}, and {SETTING} is "
        f"{cost.monthly_limit:,}"
    )
