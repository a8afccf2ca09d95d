"""Whether what a platform declares is of the kinds that it has to be."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, NamedTuple

from tapgen.model.parts.places import place_of_maker

_LONGEST_SHOWN: Final = 80


class Kind(NamedTuple):
    """What a value may be: in words, behind "has to be", and as a test."""

    words: str
    fits: Callable[[Any], bool]


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def listing(what: str, fits: Callable[[Any], bool]) -> Kind:
    """A tuple (or list) whose members all fit."""
    return Kind(
        f"a tuple of {what}",
        lambda value: isinstance(value, tuple | list) and all(map(fits, value)),
    )


def mapping(what: str, fits: Callable[[Any], bool]) -> Kind:
    """A mapping of texts to what fits."""
    return Kind(
        f"a mapping of texts to {what}",
        lambda value: (
            isinstance(value, Mapping)
            and all(map(_is_text, value))
            and all(map(fits, value.values()))
        ),
    )


def a(kind: type, *, optional: bool = False) -> Kind:
    """One value of a class."""
    none = type(None) if optional else kind
    words = f"of {kind.__name__}{', or None' if optional else ''}"
    return Kind(words, lambda value: isinstance(value, kind | none))


def takes(number: int, *names: str, optional: bool = False) -> Kind:
    """A function that can be called with so many arguments, and with others by their names."""

    def fits(value: Any) -> bool:
        from inspect import signature  # takes long to load

        if value is None:
            return optional
        try:
            signature(value).bind(*range(number), **dict.fromkeys(names))
        except TypeError:
            return False
        except ValueError:  # it is written in C, and does not say what it takes
            return True
        return True

    arguments = f"{number} argument{'s' if number > 1 else ''}"
    words = f"a function of {arguments}{''.join(f', and {name}=' for name in names)}"
    return Kind(f"{words}{', or None' if optional else ''}", fits)


def _is_positive(value: object) -> bool:
    return type(value) in {int, float} and math.isfinite(value) and value > 0  # type: ignore[arg-type, operator]


TEXT: Final = Kind("a text", _is_text)
SOME_TEXT: Final = Kind("a text that is not empty", lambda value: _is_text(value) and bool(value))
OPTIONAL_TEXT: Final = Kind(
    "a text or None", lambda value: value is None or (_is_text(value) and bool(value))
)
TEXTS: Final = listing("texts", _is_text)
TEXT_BY_NAME: Final = mapping("texts", _is_text)
SECONDS: Final = Kind("a number of seconds above 0", _is_positive)


def misfits(value: object, kinds: Mapping[str, Kind]) -> Iterator[str]:
    """What is wrong with the fields of a value, each in words."""
    for name, kind in kinds.items():
        found = getattr(value, name)
        if not kind.fits(found):
            yield f"`{name}` is {shown(found)}, and has to be {kind.words}"


def shown(value: object) -> str:
    """The value as a message has it: the same in every run, and not long."""
    return re.sub(r" at 0x[0-9a-f]+>", ">", f"{value!r}")[:_LONGEST_SHOWN]


def repeated(names: Iterable[str]) -> list[str]:
    """The names that are there more than once."""
    return [name for name, times in Counter(names).items() if times > 1]


@dataclass(frozen=True)
class Part:
    """What a platform declares several of: a hook, a guard, a rule.

    Each knows where it is made. Its faults are told when the platform's parts are loaded, those of
    all parts together. `str` is what it is called in messages; no two are called the same.
    """

    kinds: ClassVar[Mapping[str, Kind]] = {}
    place: str = field(default="", init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", place_of_maker())

    def faults(self) -> Iterator[str]:
        """What is wrong with it, each in words."""
        yield from misfits(self, self.kinds)
