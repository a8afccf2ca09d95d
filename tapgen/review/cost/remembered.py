"""Results of `tapgen cost`, remembered as long as nothing changes that they depend on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from tapgen.model.platform import Platform
from tapgen.render.memory.answer import Answer
from tapgen.render.memory.store import Store
from tapgen.review.cost.lines import Estimate, Line, Span, Unpriced


class Known(NamedTuple):
    """The costs of environments, and components with a price that nothing uses."""

    environments: Mapping[str, Estimate]
    unused: tuple[str, ...]


class Estimating:
    """The estimate of the environments `names` (all if empty).

    Price files are not part of the question: like code, they are files that a run has read.
    """

    def __init__(
        self, store: Store | None, platform: Platform, directory: Path, names: Sequence[str]
    ) -> None:
        self._answer = Answer(store, "cost", directory, repr(platform), *names)

    def known(self) -> Known | None:
        """The result of an earlier run; None if something has changed since."""
        answer = self._answer.recall()
        if answer is None:
            return None
        each = [_estimate(**one) for one in answer["estimates"]]
        environments = {name: each[number] for name, number in answer["environments"].items()}
        return Known(environments, tuple(answer["unused"]))

    def keep(self, known: Known) -> None:
        """Remember a result. Environments that cost the same share an estimate."""
        numbers: dict[Estimate, int] = {}
        answer = {
            "environments": {
                name: numbers.setdefault(one, len(numbers))
                for name, one in known.environments.items()
            },
            "estimates": [_record(one) for one in numbers],
            "unused": known.unused,
        }
        self._answer.keep(answer)


def _record(one: Estimate) -> dict[str, Any]:
    """An estimate as JSON values: the fields of its lines in order, decimals as text."""
    lines = [
        {**vars(line), "quantity": _texts(line.quantity), "cost": line.cost and _texts(line.cost)}
        for line in one.lines
    ]
    return {"lines": lines, "unpriced": one.unpriced, "unsaid": one.unsaid}


def _estimate(lines: Any, unpriced: Any, unsaid: Any) -> Estimate:
    """The estimate from a record."""
    return Estimate(
        tuple(
            Line(**{**one, "quantity": _span(one["quantity"]), "cost": _cost(one["cost"])})
            for one in lines
        ),
        tuple(Unpriced(*one) for one in unpriced),
        tuple(unsaid),
    )


def _texts(span: Span) -> list[str]:
    return [*map(str, span)]


def _cost(texts: Sequence[str] | None) -> Span | None:
    return None if texts is None else _span(texts)


def _span(texts: Sequence[str]) -> Span:
    return Span(*map(Decimal, texts))
