"""Parity of behaviour: the answers of several environments in the same conversation.

Pure: the answers of this or an earlier conversation are passed in, as traits. A trait is a name and
a text: `status`, `header cache-control`, `body/amount`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

from tapgen.model.parts.declared import SOME_TEXT, Part

# A pseudo exchange: how an environment is reached at all.
CONNECTION: Final = "connection"
ASKED: Final = "asked"
BODY: Final = "body"
PROBLEM_TYPE: Final = "problem type"
OBJECT: Final = "object"
ARRAY: Final = "array"
OR: Final = " or "

Traits = Mapping[str, str]


@dataclass(frozen=True)
class MayDiffer(Part):
    """Something that may differ between environments, and `why`.

    `what` is a trait (`header server`, `body/region`), `exchange` the name of an exchange; in both,
    `*` stands for any text. If a part of a body may differ, everything below it may too.
    """

    kinds: ClassVar = {"what": SOME_TEXT, "why": SOME_TEXT, "exchange": SOME_TEXT}

    what: str
    why: str
    exchange: str = "*"

    def __str__(self) -> str:
        return f"{self.what} of {self.exchange}"

    def covers(self, exchange: str, trait: str) -> bool:
        """True if it applies to a trait of an exchange."""
        named = _fits(trait, self.what) or _fits(trait, f"{self.what}/*")
        return named and self.speaks_of((exchange,))

    def speaks_of(self, exchanges: Iterable[str]) -> bool:
        """True if it applies to any of the exchanges."""
        return any(_fits(one, self.exchange) for one in exchanges)


def _fits(text: str, pattern: str) -> bool:
    """True if a text matches a pattern in which `*` stands for any text."""
    parts = map(re.escape, pattern.split("*"))
    return bool(re.fullmatch(".*".join(parts), text, re.DOTALL))


@dataclass(frozen=True)
class Latency:
    """Durations of answers in milliseconds: quantiles by nearest rank, and how many there are."""

    p50: int
    p90: int
    p99: int
    samples: int

    @classmethod
    def of(cls, seconds: tuple[float, ...]) -> Latency:
        """The quantiles of one or more durations."""
        each = sorted(round(one * 1000) for one in seconds)

        def at(percent: int) -> int:
            return each[-(-percent * len(each) // 100) - 1]

        return cls(at(50), at(90), at(99), len(each))


@dataclass(frozen=True)
class Behaviour:
    """The observed behaviour of one environment.

    `exchanges` has the traits of each exchange, None if it was skipped because earlier answers did
    not contain a value that it needs. `latency` is by exchange.
    """

    exchanges: Mapping[str, Traits | None]
    latency: Mapping[str, Latency] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """A trait that is not the same everywhere, by environment; None if it is missing.

    Environments where it cannot be known are left out. `why` is empty if it must not differ.
    """

    exchange: str
    trait: str
    values: Mapping[str, str | None]
    why: str = ""


@dataclass(frozen=True)
class Comparison:
    """The same conversation with several environments.

    `unheard` has the exchanges that took place only in some environments, with these; `idle` the
    declared differences that do not exist.
    """

    environments: tuple[str, ...]
    exchanges: tuple[str, ...]
    differences: tuple[Difference, ...]
    unheard: Mapping[str, tuple[str, ...]]
    idle: tuple[MayDiffer, ...]
    latency: Mapping[str, Mapping[str, Latency]]

    @property
    def forbidden(self) -> tuple[Difference, ...]:
        """The differences that are not allowed."""
        return tuple(one for one in self.differences if not one.why)

    @property
    def holds(self) -> bool:
        """True if all differences are allowed."""
        return not self.forbidden


def compare(
    heard: Mapping[str, Behaviour], may_differ: tuple[MayDiffer, ...] = (), *, whole: bool = False
) -> Comparison:
    """Compare environments, trait by trait, and list exchanges that did not take place in all.

    `whole` means that the exchanges which write took place as well, so that a declaration that
    matches no exchange is idle.
    """
    names = tuple(dict.fromkeys(name for one in heard.values() for name in one.exchanges))
    shared = tuple(name for name in names if all(name in one.exchanges for one in heard.values()))
    found = [
        difference
        for name in shared
        for difference in _differences(name, {e: one.exchanges[name] for e, one in heard.items()})
    ]
    judged = tuple(_judged(one, may_differ) for one in found)
    return Comparison(
        environments=tuple(heard),
        exchanges=tuple(name for name in shared if name != CONNECTION),
        differences=judged,
        unheard={
            name: tuple(e for e, one in heard.items() if name in one.exchanges)
            for name in names
            if name not in shared
        },
        idle=tuple(
            one
            for one in may_differ
            if not any(one.covers(each.exchange, each.trait) for each in found)
            and (one.speaks_of(shared) or (whole and not one.speaks_of(names)))
        ),
        latency={
            name: {e: one.latency[name] for e, one in heard.items() if name in one.latency}
            for name in shared
            if any(name in one.latency for one in heard.values())
        },
    )


def _differences(exchange: str, traits: Mapping[str, Traits | None]) -> Iterator[Difference]:
    if any(one is None for one in traits.values()):
        asked = {e: "no" if one is None else "yes" for e, one in traits.items()}
        if "yes" in asked.values():
            yield Difference(exchange, ASKED, asked)
    known = {e: one for e, one in traits.items() if one is not None}
    for trait in sorted({trait for one in known.values() for trait in one}, key=_order):
        values = {e: one.get(trait) for e, one in known.items() if _tells(one, trait)}
        if len(set(values.values())) > 1:
            yield Difference(exchange, trait, values)


_FIRST: Final = ("status", PROBLEM_TYPE, "header", BODY)


def _order(trait: str) -> tuple[int, str]:
    """The status first, then the type of an error, headers, and the body."""
    places = (n for n, begin in enumerate(_FIRST) if trait.startswith(begin))
    return next(places, len(_FIRST)), trait


def _tells(traits: Traits, trait: str) -> bool:
    """True if the trait is known here, even as a missing one.

    A part of a body is known to be missing if the object around it exists: the members of an empty
    list are not known, and a part below a missing one is covered by that one. A missing problem
    type is not reported, because the content type or the kind of the body differs then.
    """
    if trait in traits or trait == PROBLEM_TYPE:
        return trait in traits
    if not trait.startswith(f"{BODY}/"):
        return True
    return OBJECT in traits.get(trait.rpartition("/")[0], "").split(OR)


def _judged(one: Difference, may_differ: tuple[MayDiffer, ...]) -> Difference:
    whys = (each.why for each in may_differ if each.covers(one.exchange, one.trait))
    return Difference(one.exchange, one.trait, one.values, next(whys, ""))
