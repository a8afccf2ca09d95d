"""List prices as data: `prices.csv` has one for each component and region, with its source and day.

US dollars, on demand, first tier, without free tiers, without taxes and discounts.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from tapgen.render.memory import evidence

# Components of services without regions stand below this one.
GLOBAL: Final = "global"


class Component(NamedTuple):
    """What AWS charges for: its name and unit in `prices.csv`, and how many are counted as one.

    `place` is where it is charged, where that is not the region of the resource.
    """

    name: str
    unit: str
    per: int = 1
    place: str = ""


@dataclass(frozen=True)
class Price:
    """What one unit costs; `as_of` is the day or the month of the source, where that is known."""

    usd: Decimal
    source: str
    as_of: str


@dataclass(frozen=True)
class Prices:
    """The table: (component, region) -> price. Where it has no price, nobody knows one."""

    known: Mapping[tuple[str, str], Price]

    def of(self, component: Component, region: str) -> Price | None:
        """The price in the region, or that of everywhere; None where there is none."""
        here = self.known.get((component.name, component.place or region))
        return here or self.known.get((component.name, GLOBAL))

    @property
    def age(self) -> tuple[str, str]:
        """The oldest and the newest day or month of a source."""
        days = sorted(price.as_of for price in self.known.values() if price.as_of[:1].isdigit())
        return days[0], days[-1]


@cache
def list_prices() -> Prices:
    """The prices that come with tapgen. A cell without a price is left out."""
    path = files(__package__) / "prices.csv"
    evidence.rely_on([str(path)])
    text = path.read_text(encoding="utf-8")
    return Prices(
        {
            (row["component"], row["region"]): Price(
                Decimal(row["usd"]), row["source"], row["source_date"]
            )
            for row in csv.DictReader(text.splitlines())
            if row["usd"]
        }
    )
