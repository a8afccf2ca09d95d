"""What the estimates of a project rest on: how its types are counted, and what is paid for that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tapgen.model.parts.declared import mapping, takes
from tapgen.model.platform import Platform
from tapgen.review.cost.prices import Prices, list_prices
from tapgen.review.cost.quantities import COUNTINGS, Counting

_COUNTINGS: Final = mapping("Countings", takes(2).fits)


@dataclass(frozen=True)
class Basis:
    """Type -> how it is counted, and the prices. By default those that come with tapgen."""

    countings: Mapping[str, Counting] = field(default_factory=lambda: COUNTINGS)
    prices: Prices = field(default_factory=list_prices)


def basis_of(platform: Platform) -> Basis:
    """What the platform counts itself, and the prices of its project, win over what tapgen knows.

    Raises `TapgenError` where its countings are none, `PriceFaults` with all that is wrong with the
    file of prices.
    """
    own = platform.part("costs", _COUNTINGS) or {}
    prices = list_prices()
    if platform.prices:
        from tapgen.review.cost.price_file import own_prices

        prices = prices.under(own_prices(Path(platform.prices)))
    return Basis({**COUNTINGS, **own}, prices)
