"""What a platform's guards are: they refuse what would do harm, before it is done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, cast

from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError
from tapgen.model.parts.declared import SOME_TEXT, Part, takes
from tapgen.model.parts.running import blaming, misfit, yielded
from tapgen.model.plan import Planned, Refusal


@dataclass(frozen=True)
class Subject:
    """What a guard is asked about: layers that a run deploys, and a change set of one of them.

    Before anything is planned there is no change set (`entry`). `outputs` gives the outputs of a
    layer as this run left them, or as AWS has them. `lifted` are options of the command line that
    let guards pass, for instance "--allow-capacity-reset".
    """

    target: Target
    layers: Collection[str]
    entry: Planned | None = None
    outputs: Callable[[str], Mapping[str, str]] = lambda _: {}
    lifted: frozenset[str] = frozenset()


@dataclass(frozen=True)
class UnderWay:
    """What AWS is at by itself, and has to end before a change set is executed.

    `what` is a noun ("the update of the API abc123"); it is waited for so many `seconds` at most.
    `hint` says how to look at it, for whoever has waited in vain.
    """

    what: str
    seconds: float
    hint: str


def _nothing(_target: Target, _layer: str) -> str:
    return ""


def _nothing_at_work(_subject: Subject) -> UnderWay | None:
    return None


def _nothing_refused(_subject: Subject) -> Iterable[str]:
    return ()


def _nobody(_target: Target, _layers: Collection[str]) -> Iterable[tuple[str, str]]:
    return ()


@dataclass(frozen=True)
class Guard(Part):
    """A condition under which nothing is done.

    `check` raises `RefusedError`, or gives what is worth knowing all the same. `overdue` says what
    to do about a layer that was not done in time, where the guard knows; otherwise it gives "".
    `before_destroy` is asked about layers that are to be destroyed: it raises `RefusedError` too,
    or gives what is worth knowing, each with its layer. `under_way` gives what has to end before a
    change set is executed: that is waited for, then `check` is asked.
    """

    kinds: ClassVar = {
        "name": SOME_TEXT,
        **dict.fromkeys(("check", "under_way"), takes(1)),
        **dict.fromkeys(("overdue", "before_destroy"), takes(2)),
    }

    name: str
    check: Callable[[Subject], Iterable[str]] = _nothing_refused
    overdue: Callable[[Target, str], str] = _nothing
    before_destroy: Callable[[Target, Collection[str]], Iterable[tuple[str, str]]] = _nobody
    under_way: Callable[[Subject], UnderWay | None] = _nothing_at_work

    def __str__(self) -> str:
        return f"the guard {self.name}"

    def notes(self, subject: Subject) -> list[str]:
        """What `check` gives. Raises `RefusedError` as it does."""
        return [*yielded(str(self), lambda: self.check(subject), str, self.check)]

    def at_work(self, subject: Subject) -> UnderWay | None:
        """What `under_way` gives."""
        with blaming(str(self)):
            found = self.under_way(subject)
        if found is None or isinstance(found, UnderWay):
            return found
        raise misfit(str(self), found, "an UnderWay or None", self.under_way)

    def way_out(self, target: Target, layer: str) -> str:
        """What `overdue` gives."""
        with blaming(str(self)):
            found = self.overdue(target, layer)
        if isinstance(found, str):
            return found
        raise misfit(str(self), found, "a text", self.overdue)

    def before_destruction(self, target: Target, layers: Collection[str]) -> list[tuple[str, str]]:
        """What `before_destroy` gives. Raises `RefusedError` as it does."""
        asked = self.before_destroy
        found = [*yielded(str(self), lambda: asked(target, layers), tuple, asked)]
        for one in found:
            if not (len(one) == 2 and one[0] in layers and isinstance(one[1], str)):  # noqa: PLR2004 - a pair
                raise misfit(str(self), one, "pairs of a layer and a text", asked)
        return found


def guards_of(target: Target) -> tuple[Guard, ...]:
    """The guards that the platform brings."""
    return cast("tuple[Guard, ...]", target.platform.part("guards", Guard, several=True) or ())


def asked(subject: Subject) -> tuple[tuple[str, ...], tuple[Refusal, ...]]:
    """What every guard of the platform says: what is worth knowing, and what they refuse."""
    notes: list[str] = []
    refusals: list[Refusal] = []
    for guard in guards_of(subject.target):
        try:
            notes += guard.notes(subject)
        except TapgenError as error:
            refusals.append(Refusal(error.message, error.hint))
    return tuple(notes), tuple(refusals)
