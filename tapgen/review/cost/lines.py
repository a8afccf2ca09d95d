"""What an estimate consists of: quantities with their costs, and by name what has no price."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final, NamedTuple

from tapgen.review.cost.components import EDGE, READS, WEB_REQUESTS, WRITES


class Span(NamedTuple):
    """US dollars a month: the least, and the most that autoscaling lets it be."""

    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)

    def plus(self, other: Span) -> Span:
        return Span(self.low + other.low, self.high + other.high)

    def minus(self, other: Span) -> Span:
        return Span(self.low - other.low, self.high - other.high)


@dataclass(frozen=True)
class Line:
    """A component of a resource: quantities in its unit, and what they cost.

    `cost` is None where the component has no price in the region. The rest is as of its `Price`.
    """

    layer: str
    logical_id: str
    type: str
    component: str
    unit: str
    region: str
    quantity: Span
    cost: Span | None
    by_usage: bool = False
    source: str = ""
    as_of: str = ""
    file: str = ""


class Unpriced(NamedTuple):
    """A resource, or a component of one, whose price is not known."""

    layer: str
    logical_id: str
    what: str


@dataclass(frozen=True)
class Estimate:
    """What an environment costs a month.

    `unpriced` is what has no price, `unsaid` what nobody says the amount of: neither is in the sum.
    """

    lines: tuple[Line, ...] = ()
    unpriced: tuple[Unpriced, ...] = ()
    unsaid: tuple[str, ...] = ()

    @cached_property
    def layers(self) -> tuple[str, ...]:
        """The layers that cost something, in their order; last those of which no price is known."""
        layers = [*(one.layer for one in self.lines), *(one.layer for one in self.unpriced)]
        return tuple(dict.fromkeys(layers))

    def is_complete(self, layer: str = "") -> bool:
        """Whether all that it has, or a layer has, is in the sum."""
        return not any(layer in {"", one.layer} for one in self.unpriced)

    def total(self, layer: str = "", *, by_usage: bool | None = None) -> Span:
        """The sum: of a layer where one is named, of what is fixed or follows from usage alone."""
        found = Span()
        for (of_layer, used), sum_ in self._sums.items():
            if layer in {"", of_layer} and by_usage in {None, used}:
                found = found.plus(sum_)
        return found

    @cached_property
    def _sums(self) -> Mapping[tuple[str, bool], Span]:
        """Layer, and whether it follows from usage -> the sum."""
        found: dict[tuple[str, bool], Span] = {}
        for line in self.lines:
            key = (line.layer, line.by_usage)
            found[key] = found.get(key, Span()).plus(line.cost or Span())
        return found


_ASSUMED: Final[Mapping[str, Callable[[Line], bool]]] = {
    "A month has 730 hours. List prices on demand, first tier: no free tier, discount or tax.": (
        lambda _: True
    ),
    "Usage is spread evenly over the functions, APIs, tables and log groups of an environment.": (
        lambda line: line.by_usage
    ),
    "Each web ACL sees every request.": lambda line: line.component == WEB_REQUESTS.name,
    "A table on demand is read and written once for each request.": (
        lambda line: line.component in {READS.name, WRITES.name}
    ),
    "Callers of CloudFront are in North America.": lambda line: line.region == EDGE,
}


def assumptions(estimates: Iterable[Estimate]) -> tuple[str, ...]:
    """What was assumed for something that is in the estimates."""
    lines = [line for one in estimates for line in one.lines]
    return tuple(said for said, concerns in _ASSUMED.items() if any(map(concerns, lines)))


class Origin(NamedTuple):
    """Where prices are written, as `Price.file`: how many, and of which days or months.

    These are empty where no source says of when it is.
    """

    file: str
    prices: int
    oldest: str
    newest: str


def origins(estimates: Iterable[Estimate]) -> tuple[Origin, ...]:
    """Where the prices in the estimates are from, those of the project first."""
    used: dict[str, set[tuple[str, ...]]] = {}
    for one in estimates:
        for line in one.lines:
            if line.cost is not None:
                used.setdefault(line.file, set()).add((line.as_of, line.component, line.source))
    found = []
    for file, prices in sorted(used.items(), reverse=True):
        days = sorted(day for day, *_ in prices if day[:1].isdigit()) or [""]
        found.append(Origin(file, len(prices), days[0], days[-1]))
    return tuple(found)


def total(lines: Iterable[Line]) -> Span:
    """The sum of what has a price."""
    found = Span()
    for line in lines:
        found = found.plus(line.cost or Span())
    return found
