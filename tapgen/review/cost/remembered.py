"""What `tapgen cost` has found, remembered under all that it depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from tapgen.model.platform import Platform
from tapgen.render.memory.inputs import settings
from tapgen.render.memory.memory import Memory
from tapgen.render.memory.store import Store
from tapgen.review.cost.lines import Estimate, Line, Span, Unpriced


class Known(NamedTuple):
    """What environments cost, and components that have a price and that nobody counts."""

    environments: Mapping[str, Estimate]
    unused: tuple[str, ...]


class Estimating:
    """One estimate of the environments `names` (all when there is none).

    Files of prices are evidence, like code, and no part of the question.
    """

    def __init__(
        self, store: Store | None, platform: Platform, directory: Path, names: Sequence[str]
    ) -> None:
        self._memory = Memory(store, "cost")
        self._directory = directory
        self._names = (repr(platform), *names)
        self._settings = settings(directory) if store else None

    def known(self) -> Known | None:
        """What was found, where nothing has changed since; None otherwise."""
        if self._settings is None:
            return None
        answer = self._memory.recall(self._settings, *self._names)
        if answer is None:
            return None
        each = [_estimate(**one) for one in answer["estimates"]]
        environments = {name: each[number] for name, number in answer["environments"].items()}
        return Known(environments, tuple(answer["unused"]))

    def keep(self, known: Known) -> None:
        """Remember it, unless the settings were edited meanwhile.

        Environments that cost the same share an estimate.
        """
        if self._settings is None or settings(self._directory) != self._settings:
            return
        numbers: dict[Estimate, int] = {}
        answer = {
            "environments": {
                name: numbers.setdefault(one, len(numbers))
                for name, one in known.environments.items()
            },
            "estimates": [_record(one) for one in numbers],
            "unused": known.unused,
        }
        self._memory.note(answer, self._settings, *self._names)
        self._memory.keep()


def _record(one: Estimate) -> dict[str, Any]:
    """An estimate as JSON values: the fields of its lines in their order, decimals as texts."""
    lines = [
        {**vars(line), "quantity": _texts(line.quantity), "cost": line.cost and _texts(line.cost)}
        for line in one.lines
    ]
    return {"lines": lines, "unpriced": one.unpriced, "unsaid": one.unsaid}


def _estimate(lines: Any, unpriced: Any, unsaid: Any) -> Estimate:
    """The estimate of a record."""
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
