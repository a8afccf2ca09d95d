"""What stacks cost a month: quantities times prices, and by name what has no price."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple

from tapgen.model.parts.running import yielded
from tapgen.model.stack import Stack
from tapgen.render.resolved import resolved_resources
from tapgen.review.cost.basis import Basis
from tapgen.review.cost.components import EDGE, READS, WEB_REQUESTS, WRITES
from tapgen.review.cost.prices import Prices
from tapgen.review.cost.quantities import (
    FREE,
    UNSAID,
    Around,
    Counting,
    NoPriceError,
    Quantity,
    Resource,
    Usage,
    unsaid,
)


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

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that cost something, in their order; last those of which no price is known."""
        layers = [*(one.layer for one in self.lines), *(one.layer for one in self.unpriced)]
        return tuple(dict.fromkeys(layers))

    def is_complete(self, layer: str = "") -> bool:
        """Whether all that it has, or a layer has, is in the sum."""
        return not any(layer in {"", one.layer} for one in self.unpriced)

    def total(self, layer: str = "", *, by_usage: bool | None = None) -> Span:
        """The sum: of a layer where one is named, of what is fixed or follows from usage alone."""
        return total(
            line
            for line in self.lines
            if layer in {"", line.layer} and by_usage in {None, line.by_usage}
        )


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


Seen = dict[tuple[Any, ...], tuple[Resource, ...]]
"""A stack, by all that decides what it has -> its resources."""


def estimate(
    stacks: Sequence[Stack], usage: Usage, basis: Basis | None = None, seen: Seen | None = None
) -> Estimate:
    """What the stacks of one environment cost a month.

    - `basis`: what the platform counts and its project pays; that of tapgen where there is none.
    - `seen`: what stacks of another estimate have, which most of these have as well; it is filled.
    """
    basis = basis or Basis()
    seen = {} if seen is None else seen
    placed = [(stack, _seen(stack, seen)) for stack in stacks]
    counts = Counter(one.type for _, resources in placed for one in resources)
    lines: list[Line] = []
    unpriced: list[Unpriced] = []
    for stack, resources in placed:
        around = Around(usage, resources, counts)
        for resource in resources:
            try:
                quantities = [*_quantities(resource, around, basis.countings)]
            except NoPriceError:
                unpriced.append(Unpriced(resource.layer, resource.logical_id, resource.type))
                continue
            for quantity in quantities:
                line = _line(resource, quantity, stack.region, basis.prices)
                lines.append(line)
                if line.cost is None:
                    what = f"{line.component} in {line.region}"
                    unpriced.append(Unpriced(resource.layer, resource.logical_id, what))
    every = (unsaid(resource) for _, resources in placed for resource in resources)
    return Estimate(tuple(lines), tuple(unpriced), tuple(sorted(set(filter(None, every)))))


def _seen(stack: Stack, seen: Seen) -> tuple[Resource, ...]:
    """The resources of a stack; what of them is resolved need not be resolved again."""
    inputs = tuple(sorted((name, str(source)) for name, source in stack.inputs.items()))
    values = tuple(sorted(stack.parameters.items()))
    place = (stack.name, stack.account_id, stack.region)
    key = (*place, stack.template.sha256, values, inputs)
    if key not in seen:
        seen[key] = tuple(_resources(stack))
    return seen[key]


def _resources(stack: Stack) -> Iterator[Resource]:
    for one in resolved_resources(stack):
        yield Resource(stack.layer, *one)


def _quantities(
    resource: Resource, around: Around, countings: Mapping[str, Counting]
) -> Iterator[Quantity]:
    counting = countings.get(resource.type)
    if counting is not None:
        called = f"the counting of {resource.type}"
        yield from yielded(called, lambda: counting(resource, around), Quantity, counting)
    elif resource.type not in FREE and resource.type not in UNSAID:
        raise NoPriceError


def _line(resource: Resource, quantity: Quantity, region: str, prices: Prices) -> Line:
    component = quantity.component
    amount = Span(quantity.low / component.per, quantity.high / component.per)
    price = prices.of(component, region)
    return Line(
        *(resource.layer, resource.logical_id, resource.type, component.name, component.unit),
        component.place or region,
        amount,
        Span(amount.low * price.usd, amount.high * price.usd) if price else None,
        quantity.by_usage,
        price.source if price else "",
        price.as_of if price else "",
        price.file if price else "",
    )
