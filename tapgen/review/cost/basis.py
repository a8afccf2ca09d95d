"""The basis of a project's estimates: how resource types are counted, and the prices."""

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
    """Type -> how it is counted, and the prices; by default tapgen's own."""

    countings: Mapping[str, Counting] = field(default_factory=lambda: COUNTINGS)
    prices: Prices = field(default_factory=list_prices)


def basis_of(platform: Platform) -> Basis:
    """The platform's countings and the project's prices, which override tapgen's own.

    Raises `TapgenError` if the countings are not valid, `PriceFaults` with all faults of the price
    file.
    """
    own = platform.part("costs", _COUNTINGS) or {}
    prices = list_prices()
    if platform.prices:
        from tapgen.review.cost.price_file import own_prices

        prices = prices.under(own_prices(Path(platform.prices)))
    return Basis({**COUNTINGS, **own}, prices)
