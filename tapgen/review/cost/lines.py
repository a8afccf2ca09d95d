"""The parts of an estimate: quantities with their costs, and names of parts without a price."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final, NamedTuple

from tapgen.review.cost.components import EDGE, READS, WEB_REQUESTS, WRITES


class Span(NamedTuple):
    """US dollars per month: the minimum, and the maximum that autoscaling allows."""

    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)

    def plus(self, other: Span) -> Span:
        return Span(self.low + other.low, self.high + other.high)

    def minus(self, other: Span) -> Span:
        return Span(self.low - other.low, self.high - other.high)


@dataclass(frozen=True)
class Line:
    """A component of a resource: quantities in its unit, and their cost.

    `cost` is None if the component has no price in the region. `source`, `as_of` and `file` are
    those of its `Price`.
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
    """The monthly cost of an environment.

    The sum is without `unpriced`, which has no price, and `unsaid`, whose quantity is not known.
    """

    lines: tuple[Line, ...] = ()
    unpriced: tuple[Unpriced, ...] = ()
    unsaid: tuple[str, ...] = ()

    @cached_property
    def layers(self) -> tuple[str, ...]:
        """The layers that cost something, in order; last those without any known price."""
        layers = [*(one.layer for one in self.lines), *(one.layer for one in self.unpriced)]
        return tuple(dict.fromkeys(layers))

    def is_complete(self, layer: str = "") -> bool:
        """True if the sum of the environment, or of a layer, lacks no price."""
        return not any(layer in {"", one.layer} for one in self.unpriced)

    def total(self, layer: str = "", *, by_usage: bool | None = None) -> Span:
        """The sum of all lines, of one layer, or only of lines that depend on usage or do not."""
        found = Span()
        for (of_layer, used), sum_ in self._sums.items():
            if layer in {"", of_layer} and by_usage in {None, used}:
                found = found.plus(sum_)
        return found

    @cached_property
    def _sums(self) -> Mapping[tuple[str, bool], Span]:
        """(layer, depends on usage) -> the sum."""
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
    """The assumptions that apply to lines of the estimates."""
    lines = [line for one in estimates for line in one.lines]
    return tuple(said for said, concerns in _ASSUMED.items() if any(map(concerns, lines)))


class Origin(NamedTuple):
    """Where prices are written, as in `Price.file`: their number, and their oldest and newest date.

    A date is a day or a month, and empty if no source has one.
    """

    file: str
    prices: int
    oldest: str
    newest: str


def origins(estimates: Iterable[Estimate]) -> tuple[Origin, ...]:
    """The origins of the prices in the estimates, the project's first."""
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
    """The sum of all lines that have a price."""
    found = Span()
    for line in lines:
        found = found.plus(line.cost or Span())
    return found
