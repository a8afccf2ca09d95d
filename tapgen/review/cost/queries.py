"""Queries to AWS's Price List for each component, as data: `queries.csv` and `places.csv`.

A query is a service code and filters, which must all match. `queries.csv` has a line for each
component of `prices.csv`, with its query or with the reason why it has none (`without`). In it,

- `usagetype` has one or more values, any of which may match: AWS has two for some products.
- `{region}` stands for the region, `{prefix}`, `{older}` and `{newer}` for the beginning of the
  usage types in a place. `places.csv` has them: the billing codes of the regions and of
  CloudFront's places (https://docs.aws.amazon.com/global-infrastructure/latest/regions/
  aws-region-billing-codes.html), which older services leave out in us-east-1, and newer services
  write differently in eu-west-1.
- `times` is the number of AWS's units in one unit of `prices.csv`; `begins` is the beginning of the
  tier if it is not the first one that costs something.

AWS lists usage types in its services' pages about billing, such as "CloudWatch billing and cost" in
the CloudWatch user guide.
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
    """A query to the Price List: a service code, and the values of fields that products have."""

    service: str
    filters: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"{self.service}: {', '.join(f'{field}={value}' for field, value in self.filters)}"


@dataclass(frozen=True)
class Asked:
    """How the price of one component is requested.

    `usagetypes` and `filters` are patterns; `times` and `begins` are described above.
    """

    service: str
    usagetypes: tuple[str, ...]
    filters: tuple[tuple[str, str], ...]
    times: int
    begins: Decimal

    def place(self, region: str) -> str:
        """The place of the price of a component that is charged in `region`."""
        patterns = [*self.usagetypes, *(value for _, value in self.filters)]
        return region if any("{" in one for one in patterns) else GLOBAL

    def queries(self, place: str) -> tuple[Query, ...]:
        """The queries, any of which may return the product.

        Raises `LookupError` for a place that is not in `places.csv`.
        """
        known = {"region": place, **_places()[place]}
        filters = tuple((field, value.format(**known)) for field, value in self.filters)
        usages = dict.fromkeys(one.format(**known) for one in self.usagetypes)
        if not usages:
            return (Query(self.service, filters),)
        return tuple(Query(self.service, (("usagetype", one), *filters)) for one in usages)


@cache
def queries() -> Mapping[str, Asked]:
    """Component -> how its price is requested, for components with a query."""
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
    """Component -> why its price is not requested."""
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
