"""The effect of a change on an environment's monthly cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from tapgen.review.cost.estimate import Seen, decided_by, estimate
from tapgen.review.cost.lines import Estimate, Line, Span, Unpriced, total
from tapgen.review.cost.quantities import Usage

if TYPE_CHECKING:
    from tapgen.model.stack import Stack
    from tapgen.review.cost.basis import Basis


@dataclass(frozen=True)
class CostChange:
    """The costs of an environment before and after a change. Differences may be negative."""

    before: Estimate
    after: Estimate

    @cached_property
    def total(self) -> Span:
        """The difference of the totals."""
        return self.after.total().minus(self.before.total())

    @cached_property
    def layers(self) -> dict[str, Span]:
        """Layer -> the difference, without layers that cost the same."""
        return self._by(lambda line: line.layer)

    @cached_property
    def resources(self) -> dict[str, Span]:
        """Resource ("layer.LogicalId") -> the difference; as for `layers`."""
        return self._by(lambda line: f"{line.layer}.{line.logical_id}")

    @cached_property
    def unpriced(self) -> tuple[Unpriced, ...]:
        """Parts that were added and have no known price: no sum has them."""
        return tuple(one for one in self.after.unpriced if one not in self.before.unpriced)

    def _by(self, key: Callable[[Line], str]) -> dict[str, Span]:
        sums = [_sums(one, key) for one in (self.before, self.after)]
        found = {}
        for name in dict.fromkeys((*sums[1], *sums[0])):
            change = sums[1].get(name, Span()).minus(sums[0].get(name, Span()))
            if change != Span():
                found[name] = change
        return found


def cost_change(
    before: Sequence[Stack],
    after: Sequence[Stack],
    usage: Usage,
    basis: Basis | None = None,
) -> CostChange:
    """The difference in cost between stacks; today's usage and prices apply to both sides."""
    seen: Seen = {}
    now = estimate(after, usage, basis, seen)
    if {*map(decided_by, before)} == {*map(decided_by, after)}:
        return CostChange(now, now)
    return CostChange(estimate(before, usage, basis, seen), now)


def _sums(one: Estimate, key: Callable[[Line], str]) -> dict[str, Span]:
    found: dict[str, list[Line]] = {}
    for line in one.lines:
        found.setdefault(key(line), []).append(line)
    return {name: total(lines) for name, lines in found.items()}
