"""List prices as data: `prices.csv` has one for each component and region, with its source and day.

US dollars, on demand, first tier, without free tiers, without taxes and discounts.
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
    """What one unit costs; `as_of` is the day or the month of the source, where that is known.

    `file` is where it is written: a file of the project, or "" for what comes with tapgen.
    """

    usd: Decimal
    source: str
    as_of: str
    file: str = ""


Key = tuple[str, str]
"""The name of a component, and the region or another place where it is charged."""


@dataclass(frozen=True)
class Prices:
    """The table. Where it has no price, nobody knows one."""

    known: Mapping[Key, Price]

    def of(self, component: Component, region: str) -> Price | None:
        """The price in the region, or that of everywhere; None where there is none."""
        here = self.known.get((component.name, component.place or region))
        return here or self.known.get((component.name, GLOBAL))

    def under(self, own: Mapping[Key, Price | None]) -> Prices:
        """The same with the prices of a project, which win; what it says None to has none."""
        both: dict[Key, Price | None] = {**self.known, **own}
        return Prices({key: price for key, price in both.items() if price})


@cache
def list_prices() -> Prices:
    """The prices that come with tapgen. A cell without a price is left out."""
    return Prices(
        {
            (component, region): Price(Decimal(usd), source, day)
            for component, _, region, usd, source, day in _rows()
            if usd
        }
    )


@cache
def units() -> Mapping[str, str]:
    """Component -> the unit that its prices are for, of all that tapgen has a line for."""
    return {component: unit for component, unit, *_ in _rows()}


@cache
def _rows() -> list[list[str]]:
    path = Path(__file__).with_name("prices.csv")
    evidence.rely_on([str(path)])
    _, *rows = csv.reader(path.read_text(encoding="utf-8").splitlines())
    return rows
