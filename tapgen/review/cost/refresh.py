"""New list prices for what environments are charged for: what to ask for, and what it changes."""

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
"""With it, estimates have all that environments are charged for as soon as somebody uses them."""
# A price that becomes so many times another is rather one of another unit.
_UNLIKELY: Final = 10


class Wanted(NamedTuple):
    """A price to ask for: what it is of, where, and how it is asked for."""

    component: str
    unit: str
    place: str
    asked: Asked

    @property
    def key(self) -> Key:
        """As tables of prices have it."""
        return self.component, self.place

    def questions(self) -> tuple[Query, ...]:
        """What to ask; nothing where the place is not known to `places.csv`."""
        try:
            return self.asked.queries(self.place)
        except LookupError:
            return ()


class PriceChange(NamedTuple):
    """A price in US dollars that is another than it was; `old` is None where nobody knew one."""

    component: str
    unit: str
    region: str
    old: Decimal | None
    new: Decimal


@dataclass(frozen=True)
class Refreshed:
    """What has become of a project's file of prices.

    - `file`: its path.
    - `listed`: the lines with prices that AWS has told now.
    - `kept`: lines of people, which nobody asked about.
    - `without`: components of a platform's own that have neither a query nor a price.
    """

    file: Path
    listed: tuple[Row, ...]
    changes: tuple[PriceChange, ...]
    kept: tuple[Row, ...] = ()
    without: tuple[str, ...] = ()


def wanted(estimates: Iterable[Estimate]) -> tuple[Wanted, ...]:
    """The prices that estimates with `ANY_USAGE` need, as far as there are queries for them."""
    found: dict[Key, Wanted] = {}
    for line in (line for one in estimates for line in one.lines):
        if asked := queries().get(line.component):
            one = Wanted(line.component, line.unit, asked.place(line.region), asked)
            found.setdefault(one.key, one)
    return tuple(found[key] for key in sorted(found))


def without_query(estimates: Iterable[Estimate]) -> tuple[str, ...]:
    """Components without a price that nobody can ask for: those of a platform's own."""
    known = queries().keys() | reasons().keys()
    lines = (line for one in estimates for line in one.lines if line.cost is None)
    return tuple(sorted({line.component for line in lines} - known))


def told(
    asked: Sequence[Wanted], answers: Mapping[Query, Sequence[Product]], before: Prices
) -> tuple[Row, ...]:
    """The lines that the answers make. Raises `NoPricesError` with all that they do not tell."""
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
    """What the products say it costs. Raises `NoSinglePriceError`."""
    if not one.questions():
        raise NoSinglePriceError("how AWS calls its usage there is not known")
    listed = listed_price(one.asked, products)
    old = before.known.get(one.key)
    if old and not old.usd / _UNLIKELY <= listed.usd <= old.usd * _UNLIKELY:
        raise NoSinglePriceError(
            f"{listed.usd:f}, where it was {old.usd:f}: that is hardly for one {one.unit}"
        )
    return listed


def changes(now: Iterable[Row], before: Prices) -> Iterator[PriceChange]:
    """How the lines differ from the prices before."""
    for row in now:
        old = before.known.get(row.key)
        if row.usd is not None and (old is None or old.usd != row.usd):
            yield PriceChange(*row[:3], old.usd if old else None, row.usd)


class Untold(NamedTuple):
    """A price that the Price List does not tell, and what it tells instead."""

    wanted: Wanted
    found: str

    def __str__(self) -> str:
        asked = "; or ".join(map(str, self.wanted.questions()))
        where = f"{self.wanted.component} in {self.wanted.place}"
        return f"{where}: {self.found}{f' (asked for {asked})' if asked else ''}"


class NoPricesError(TapgenError):
    """All prices that the Price List does not tell; what to do is for `advised` to say."""

    def __init__(self, faults: Sequence[Untold], asked: int) -> None:
        self.faults = tuple(faults)
        count = f"{len(faults)} of {asked} prices" if asked > 1 else "the price"
        each = "".join(f"\n  {one}" for one in faults)
        super().__init__(f"AWS's Price List does not tell {count}, so nothing is written:{each}")

    def advised(self, file: Path, today: str, *, new: bool) -> TapgenError:
        """The error with lines of today for the file of prices, `new` where there is none yet."""
        text = io.StringIO()
        lines = csv.writer(text, lineterminator="\n")
        if new:
            lines.writerow(HEADER)
        for one in self.faults:
            lines.writerow([*one.wanted[:3], "", "by hand", today])
        hint = (
            f"AWS may have renamed a usage type, or does not have that there. Add these lines to "
            f"{file}, with prices behind the regions as far as you know them, and repeat the "
            f"command: it leaves lines of yours alone.\n{text.getvalue().rstrip()}"
        )
        return TapgenError(self.message, hint)


def _named(query: Query) -> str:
    """A query in short: its service and what tells its products."""
    filters = dict(query.filters)
    return f"{query.service} {filters.get('usagetype') or ' '.join(filters.values())}"
