"""Whether an environment may exceed the monthly limit in its settings.

The maximum that autoscaling allows is compared: nobody is asked again before it is reached.
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
    """Why an environment with these stacks is above its limit, in words; "" if it is not."""
    if cost.monthly_limit is None:
        return ""
    found = estimate(stacks, Usage.of(cost), basis_of(platform))
    most = found.total().high
    if most <= cost.monthly_limit:
        return ""
    more = "" if found.is_complete() else ", without the parts that have no known price"
    return (
        f"it may cost {most.quantize(_CENT):,} US dollars a month{more}, and {SETTING} is "
        f"{cost.monthly_limit:,}"
    )
