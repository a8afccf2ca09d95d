"""Monthly costs of stacks: quantities times prices, and the names of parts without a price."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tapgen.model.parts.running import yielded
from tapgen.model.stack import Stack
from tapgen.model.templates.intrinsics import references
from tapgen.render.resolved import resolved_resources
from tapgen.review.cost.basis import Basis
from tapgen.review.cost.lines import Estimate, Line, Span, Unpriced
from tapgen.review.cost.prices import Prices
from tapgen.review.cost.quantities import (
    COUNTINGS,
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

Seen = dict[tuple[Any, ...], tuple[Resource, ...]]
"""Everything that determines a stack's resources -> the resources."""


def estimate(
    stacks: Sequence[Stack], usage: Usage, basis: Basis | None = None, seen: Seen | None = None
) -> Estimate:
    """Estimate the monthly cost of one environment's stacks.

    - `basis`: countings and prices, by default tapgen's own.
    - `seen`: resources of stacks in other estimates, which are not resolved again; it is filled.
    """
    basis = basis or Basis()
    seen = {} if seen is None else seen
    placed = [(stack, _seen(stack, seen)) for stack in stacks]
    aside = {stack.layer: _aside(stack) for stack in stacks}
    counts = Counter(
        one.type
        for _, resources in placed
        for one in resources
        if one.logical_id not in aside[one.layer]
    )
    lines: list[Line] = []
    unpriced: list[Unpriced] = []
    for stack, resources in placed:
        around = Around(usage, resources, counts, aside[stack.layer])
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


def _aside(stack: Stack) -> frozenset[str]:
    """Functions that are called only when a version goes live, and their logs."""
    if "AllowTrafficHook" not in stack.template.text:
        return frozenset()
    declared = stack.template.resources
    policies = (body.get("UpdatePolicy") for body in declared.values())
    called = {name for policy in policies if policy for name in references(policy)}
    functions = {
        name
        for name in called & declared.keys()
        if declared[name]["Type"] == "AWS::Lambda::Function"
    }
    logging = (declared[name]["Properties"].get("LoggingConfig", {}) for name in functions)
    return frozenset(functions.union(*map(references, logging)))


def decided_by(stack: Stack) -> tuple[Any, ...]:
    """Everything that determines the cost of a stack."""
    inputs = tuple(sorted((name, str(source)) for name, source in stack.inputs.items()))
    values = tuple(sorted(stack.parameters.items()))
    place = (stack.name, stack.account_id, stack.region)
    return (*place, stack.template.sha256, values, inputs)


def _seen(stack: Stack, seen: Seen) -> tuple[Resource, ...]:
    """The resources of a stack, which are resolved once."""
    key = decided_by(stack)
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
    if counting is not None and counting is COUNTINGS.get(resource.type):
        yield from counting(resource, around)
    elif counting is not None:  # the platform's: its author needs to know what is wrong
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
