"""What AWS's Price List is asked for each component, as data: `queries.csv` and `places.csv`.

A query is a service code and filters, all of which have to hold. `queries.csv` has a line for each
component of `prices.csv`: with its query, or with why it has none (`without`). In it,

- `usagetype` has one value or several, of which any will do: AWS has two for some products.
- `{region}` stands for the region, `{prefix}`, `{older}` and `{newer}` for how the usage types of a
  place begin. `places.csv` has these: the billing codes of the regions, and of what CloudFront
  calls them (https://docs.aws.amazon.com/global-infrastructure/latest/regions/
  aws-region-billing-codes.html), less what older services do without in us-east-1, and newer ones
  write otherwise in eu-west-1.
- `times` is how many of AWS's units one of `prices.csv` has; `begins` is where the tier begins,
  where it is another than the first that costs something.

AWS names usage types in the pages on billing codes of its services, such as "CloudWatch billing and
cost" in the CloudWatch user guide.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from tapgen.review.cost.prices import GLOBAL

_EITHER: Final = " | "
_AND: Final = "; "


class Query(NamedTuple):
    """A question to the Price List: a service code, and field -> value that products have."""

    service: str
    filters: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"{self.service}: {', '.join(f'{field}={value}' for field, value in self.filters)}"


@dataclass(frozen=True)
class Asked:
    """How the price of one component is asked for.

    `usagetypes` and `filters` are patterns, `times` and `begins` as above.
    """

    service: str
    usagetypes: tuple[str, ...]
    filters: tuple[tuple[str, str], ...]
    times: int
    begins: Decimal

    def place(self, region: str) -> str:
        """Where a component that is charged in `region` has its price."""
        patterns = [*self.usagetypes, *(value for _, value in self.filters)]
        return region if any("{" in one for one in patterns) else GLOBAL

    def queries(self, place: str) -> tuple[Query, ...]:
        """The questions; products of any of them will do.

        Raises `LookupError` for a place that is in no table.
        """
        known = {"region": place, **_places()[place]}
        filters = tuple((field, value.format(**known)) for field, value in self.filters)
        usages = dict.fromkeys(one.format(**known) for one in self.usagetypes)
        if not usages:
            return (Query(self.service, filters),)
        return tuple(Query(self.service, (("usagetype", one), *filters)) for one in usages)


@cache
def queries() -> Mapping[str, Asked]:
    """Component -> how it is asked for; without those that have no query."""
    return {
        row["component"]: Asked(
            row["service"],
            tuple(filter(None, row["usagetype"].split(_EITHER))),
            tuple(_pair(one) for one in filter(None, row["filters"].split(_AND))),
            int(row["times"]),
            Decimal(row["begins"] or 0),
        )
        for row in _rows("queries.csv")
        if not row["without"]
    }


def reasons() -> Mapping[str, str]:
    """Component -> why nobody asks for its price."""
    return {row["component"]: row["without"] for row in _rows("queries.csv") if row["without"]}


@cache
def _places() -> Mapping[str, Mapping[str, str]]:
    return {row.pop("place"): row for row in _rows("places.csv")}


def _rows(name: str) -> list[dict[str, str]]:
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _pair(text: str) -> tuple[str, str]:
    field, _, value = text.partition("=")
    return field, value
