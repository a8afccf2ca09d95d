"""Checking the types of what a platform declares."""

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
    """The allowed values: in words that follow "must be", and as a predicate."""

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
    """A mapping from texts to values that fit."""
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
    """A function that accepts `number` positional arguments, and others by their names."""

    def fits(value: Any) -> bool:
        from inspect import signature  # takes long to load

        if value is None:
            return optional
        try:
            signature(value).bind(*range(number), **dict.fromkeys(names))
        except TypeError:
            return False
        except ValueError:  # a function in C without a signature
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
    """Yield the faults of a value's fields in words."""
    for name, kind in kinds.items():
        found = getattr(value, name)
        if not kind.fits(found):
            yield f"`{name}` is {shown(found)}, but must be {kind.words}"


def shown(value: object) -> str:
    """The value for a message: the same in every run, and short."""
    return re.sub(r" at 0x[0-9a-f]+>", ">", f"{value!r}")[:_LONGEST_SHOWN]


def repeated(names: Iterable[str]) -> list[str]:
    """The names that occur more than once."""
    return [name for name, times in Counter(names).items() if times > 1]


@dataclass(frozen=True)
class Part:
    """Something of which a platform declares several: a hook, a guard, a rule.

    Each knows the place where it was created. The faults of all parts are reported together, when
    the platform's parts are loaded. `str` is its unique name in messages.
    """

    kinds: ClassVar[Mapping[str, Kind]] = {}
    place: str = field(default="", init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", place_of_maker())

    def faults(self) -> Iterator[str]:
        """Yield its faults in words."""
        yield from misfits(self, self.kinds)
