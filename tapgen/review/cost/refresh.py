"""New list prices for the components of environments: which to request, and what changes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from tapgen.errors import TapgenError
from tapgen.review.cost.lines import Estimate
from tapgen.review.cost.price_file import HEADER, PRICE_LIST, Row
from tapgen.review.cost.price_list import Listed, NoSinglePriceError, Product, listed_price
from tapgen.review.cost.prices import Key, Prices
from tapgen.review.cost.quantities import Usage
from tapgen.review.cost.queries import Asked, Query, queries, reasons

ANY_USAGE: Final = Usage(1, 1, 1, 1)
"""Usage with which estimates have every component that an environment may be charged for."""
# A price that changes by more than this factor is probably for another unit.
_UNLIKELY: Final = 10


class Wanted(NamedTuple):
    """A price to request: its component, unit and place, and how to request it."""

    component: str
    unit: str
    place: str
    asked: Asked

    @property
    def key(self) -> Key:
        """The key of the price in tables."""
        return self.component, self.place

    def questions(self) -> tuple[Query, ...]:
        """The queries; none if `places.csv` does not have the place."""
        try:
            return self.asked.queries(self.place)
        except LookupError:
            return ()


class PriceChange(NamedTuple):
    """A changed price in US dollars; `old` is None if it was not known."""

    component: str
    unit: str
    region: str
    old: Decimal | None
    new: Decimal


@dataclass(frozen=True)
class Refreshed:
    """A refreshed price file.

    - `file`: its path.
    - `listed`: the lines with new prices from AWS.
    - `kept`: lines that people wrote, which stay as they are.
    - `without`: the platform's own components that have neither a query nor a price.
    """

    file: Path
    listed: tuple[Row, ...]
    changes: tuple[PriceChange, ...]
    kept: tuple[Row, ...] = ()
    without: tuple[str, ...] = ()


def wanted(estimates: Iterable[Estimate]) -> tuple[Wanted, ...]:
    """The prices that estimates with `ANY_USAGE` need and that can be requested."""
    found: dict[Key, Wanted] = {}
    for line in (line for one in estimates for line in one.lines):
        if asked := queries().get(line.component):
            one = Wanted(line.component, line.unit, asked.place(line.region), asked)
            found.setdefault(one.key, one)
    return tuple(found[key] for key in sorted(found))


def without_query(estimates: Iterable[Estimate]) -> tuple[str, ...]:
    """Components whose price is not known and cannot be requested: a platform's own."""
    known = queries().keys() | reasons().keys()
    lines = (line for one in estimates for line in one.lines if line.cost is None)
    return tuple(sorted({line.component for line in lines} - known))


def told(
    asked: Sequence[Wanted], answers: Mapping[Query, Sequence[Product]], before: Prices
) -> tuple[Row, ...]:
    """The lines with the prices in the answers.

    Raises `NoPricesError` with all prices that are not in them.
    """
    found, faults = [], []
    for one in asked:
        questions = one.questions()
        products = [each for question in questions for each in answers[question]]
        try:
            listed = _plausible(one, products, before)
        except NoSinglePriceError as error:
            faults.append(Untold(one, str(error)))
            continue
        source = PRICE_LIST + " or ".join(map(_named, questions))
        found.append(Row(*one[:3], listed.usd, source, listed.as_of))
    if faults:
        raise NoPricesError(faults, len(asked))
    return tuple(found)


def _plausible(one: Wanted, products: Sequence[Product], before: Prices) -> Listed:
    """The price of the products. Raises `NoSinglePriceError`."""
    if not one.questions():
        raise NoSinglePriceError("AWS's name for its usage there is not known")
    listed = listed_price(one.asked, products)
    old = before.known.get(one.key)
    if old and not old.usd / _UNLIKELY <= listed.usd <= old.usd * _UNLIKELY:
        raise NoSinglePriceError(
            f"{listed.usd:f} instead of {old.usd:f}, which is probably not for one {one.unit}"
        )
    return listed


def changes(now: Iterable[Row], before: Prices) -> Iterator[PriceChange]:
    """Yield the differences between the lines and the prices before."""
    for row in now:
        old = before.known.get(row.key)
        if row.usd is not None and (old is None or old.usd != row.usd):
            yield PriceChange(*row[:3], old.usd if old else None, row.usd)


class Untold(NamedTuple):
    """A price that is not in the Price List, and what was found instead."""

    wanted: Wanted
    found: str

    def __str__(self) -> str:
        asked = "; or ".join(map(str, self.wanted.questions()))
        where = f"{self.wanted.component} in {self.wanted.place}"
        return f"{where}: {self.found}{f' (asked for {asked})' if asked else ''}"


class NoPricesError(TapgenError):
    """All prices that are not in the Price List; `advised` returns the error with a hint."""

    def __init__(self, faults: Sequence[Untold], asked: int) -> None:
        self.faults = tuple(faults)
        count = f"{len(faults)} of {asked} prices" if asked > 1 else "the price"
        each = "".join(f"\n  {one}" for one in faults)
        super().__init__(f"AWS's Price List does not have {count}; nothing was written:{each}")

    def advised(self, file: Path, today: str, *, new: bool) -> TapgenError:
        """The error with lines for the price file, dated `today`; `new` if there is no file yet."""
        text = io.StringIO()
        lines = csv.writer(text, lineterminator="\n")
        if new:
            lines.writerow(HEADER)
        for one in self.faults:
            lines.writerow([*one.wanted[:3], "", "by hand", today])
        hint = (
            f"AWS may have renamed a usage type, or may not sell it there. Add these lines to "
            f"{file}, with the prices that you know after the regions, and repeat the command: it "
            f"does not change lines that you wrote.\n{text.getvalue().rstrip()}"
        )
        return TapgenError(self.message, hint)


def _named(query: Query) -> str:
    """A short name of a query: its service, and its usage type or other filters."""
    filters = dict(query.filters)
    return f"{query.service} {filters.get('usagetype') or ' '.join(filters.values())}"
