"""List prices as data: `prices.csv` has one per component and region, with its source and date.

In US dollars, on demand, first tier, without free tiers, taxes and discounts.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from tapgen.render.memory import evidence

# The place of components of services without regions.
GLOBAL: Final = "global"


class Component(NamedTuple):
    """Something that AWS charges for: its name and unit in `prices.csv`, and units per price.

    `place` is where it is charged, if that is not the region of the resource.
    """

    name: str
    unit: str
    per: int = 1
    place: str = ""


@dataclass(frozen=True)
class Price:
    """The price of one unit; `as_of` is the day or the month of the source, if known.

    `file` is where it is written: a file of the project, or "" for a price that comes with tapgen.
    """

    usd: Decimal
    source: str
    as_of: str
    file: str = ""


Key = tuple[str, str]
"""The name of a component, and the region or another place where it is charged."""


@dataclass(frozen=True)
class Prices:
    """The table of known prices."""

    known: Mapping[Key, Price]

    def of(self, component: Component, region: str) -> Price | None:
        """The price in the region, or the global one; None if there is none."""
        here = self.known.get((component.name, component.place or region))
        return here or self.known.get((component.name, GLOBAL))

    def under(self, own: Mapping[Key, Price | None]) -> Prices:
        """These prices, overridden by those of a project; None there removes a price."""
        both: dict[Key, Price | None] = {**self.known, **own}
        return Prices({key: price for key, price in both.items() if price})


@cache
def list_prices() -> Prices:
    """The prices that come with tapgen, without lines that have no price."""
    return Prices(
        {
            (component, region): Price(Decimal(usd), source, day)
            for component, _, region, usd, source, day in _rows()
            if usd
        }
    )


@cache
def units() -> Mapping[str, str]:
    """Component -> the unit of its prices, for all components in tapgen's table."""
    return {component: unit for component, unit, *_ in _rows()}


@cache
def _rows() -> list[list[str]]:
    path = Path(__file__).with_name("prices.csv")
    evidence.rely_on([str(path)])
    _, *rows = csv.reader(path.read_text(encoding="utf-8").splitlines())
    return rows
