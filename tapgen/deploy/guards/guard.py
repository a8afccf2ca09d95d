"""Guards of a platform: they refuse harmful changes before anything is changed."""

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
    """The subject of a guard: the layers that a run deploys, and a change set of one of them.

    Before planning, `entry` (the change set) is None. `outputs` returns the outputs of a layer as
    this run left them, or else as they are in AWS. `lifted` are the options of the command line
    that override guards, for example "--allow-capacity-reset".
    """

    target: Target
    layers: Collection[str]
    entry: Planned | None = None
    outputs: Callable[[str], Mapping[str, str]] = lambda _: {}
    lifted: frozenset[str] = frozenset()


@dataclass(frozen=True)
class UnderWay:
    """An operation of AWS that has to end before a change set is executed.

    `what` is a noun ("the update of the API abc123"). `seconds` is the longest time to wait.
    `hint` says how to inspect it, for the error after that time.
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
    """A condition under which a change is refused.

    `check` raises `RefusedError`, or returns notes. `overdue` returns what to do, before the next
    deployment, about a layer that did not finish within its time limit, or "" if the guard does not
    know. `before_destroy` is called with the layers that are to be destroyed: it raises
    `RefusedError`, or returns notes, each with its layer. `under_way` returns an operation that has
    to end before a change set is executed; the run waits for it, then calls `check`.
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
        """The notes of `check`. Raises `RefusedError` as it does."""
        return [*yielded(str(self), lambda: self.check(subject), str, self.check)]

    def at_work(self, subject: Subject) -> UnderWay | None:
        """The result of `under_way`."""
        with blaming(str(self)):
            found = self.under_way(subject)
        if found is None or isinstance(found, UnderWay):
            return found
        raise misfit(str(self), found, "an UnderWay or None", self.under_way)

    def way_out(self, target: Target, layer: str) -> str:
        """The result of `overdue`."""
        with blaming(str(self)):
            found = self.overdue(target, layer)
        if isinstance(found, str):
            return found
        raise misfit(str(self), found, "a text", self.overdue)

    def before_destruction(self, target: Target, layers: Collection[str]) -> list[tuple[str, str]]:
        """The notes of `before_destroy`. Raises `RefusedError` as it does."""
        asked = self.before_destroy
        found = [*yielded(str(self), lambda: asked(target, layers), tuple, asked)]
        for one in found:
            if not (len(one) == 2 and one[0] in layers and isinstance(one[1], str)):  # noqa: PLR2004 - a pair
                raise misfit(str(self), one, "pairs of a layer and a text", asked)
        return found


def guards_of(target: Target) -> tuple[Guard, ...]:
    """The guards of the platform."""
    return cast("tuple[Guard, ...]", target.platform.part("guards", Guard, several=True) or ())


def asked(subject: Subject) -> tuple[tuple[str, ...], tuple[Refusal, ...]]:
    """The notes and the refusals of all guards of the platform."""
    notes: list[str] = []
    refusals: list[Refusal] = []
    for guard in guards_of(subject.target):
        try:
            notes += guard.notes(subject)
        except TapgenError as error:
            refusals.append(Refusal(error.message, error.hint))
    return tuple(notes), tuple(refusals)
