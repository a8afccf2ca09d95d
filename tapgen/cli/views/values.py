"""How all views show a changed value.

An added value has a plus, a removed one a minus. A changed value is shown with both sides, cut
around the difference. Two different values never look the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from tapgen.model.changes.differences import ABSENT, Order
from tapgen.model.templates.intrinsics import Unknown
from tapgen.settings.faults import printable

# Characters of a value on one line, without --verbose.
LONGEST: Final = 60
# An added or removed value has no difference to be cut around, and may be longer.
_LONGEST_ALONE: Final = 240
_CUT: Final = "..."
# The share of a line that shows what both sides begin and end with: a fifth, a seventh.
_HEAD: Final = 5
_TAIL: Final = 7
_NOTHING: Final = "(none)"
# A digest and the values that a function's version was published with.
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{12,64}( \S*)+")


class Shown(NamedTuple):
    """A part that changed: the sign if it was added ("+") or removed ("-"), and its words."""

    sign: str
    path: str
    words: str

    def __str__(self) -> str:
        sign = f"{self.sign} " if self.sign else ""
        return f"{sign}{self.path}: {self.words}"


def limit(verbosity: int) -> int | None:
    """The maximum length of a value; with --verbose nothing is cut."""
    return None if verbosity > 0 else LONGEST


def shown(path: str, before: Any, after: Any, longest: int | None = LONGEST) -> Shown:
    """A part that changed; `longest` is None to cut nothing."""
    name = printable(path)
    alone = None if longest is None else max(longest, _LONGEST_ALONE)
    if before is ABSENT:
        return Shown("+", name, value(after, alone))
    if after is ABSENT:
        return Shown("-", name, value(before, alone))
    return Shown("", name, change(before, after, longest))


def several(
    parts: Iterable[tuple[str, Any, Any]], longest: int | None = LONGEST
) -> tuple[Shown, ...]:
    """Parts (path, before, after) that belong together, such as those of one resource.

    Long added and removed values that would be cut to the same words are shown whole.
    """
    told = [*parts]
    short = [shown(*part, longest) for part in told]
    words = [one.words for one in short if one.sign]
    return tuple(
        shown(*part, None) if one.sign and _CUT in one.words and words.count(one.words) > 1 else one
        for part, one in zip(told, short, strict=True)
    )


def change(before: Any, after: Any, longest: int | None = LONGEST) -> str:
    """Both values on one line, see `pair`."""
    old, new = pair(before, after, longest)
    arranged = "order " if isinstance(before, Order) and isinstance(after, Order) else ""
    return f"{arranged}{old} -> {new}"


def pair(before: Any, after: Any, longest: int | None = LONGEST) -> tuple[str, str]:
    """Each value on one line, cut around the difference."""
    old, new = value(before), value(after)
    if old == new:
        old, new = _exact(before), _exact(after)
    if longest is None or max(len(old), len(new)) <= longest:
        return old, new
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    head, tail = max(0, start - longest // _HEAD), max(0, end - longest // _TAIL)
    return _around(old, head, tail, longest), _around(new, head, tail, longest)


def value(found: Any, longest: int | None = None) -> str:
    """A value on one line, cut in the middle if it is longer than `longest`."""
    if found is ABSENT:
        return _NOTHING
    if isinstance(found, Order):
        text = ", ".join(found)
    elif isinstance(found, str | Unknown):
        text = str(found)
    else:
        text = json.dumps(found, default=str, sort_keys=True, ensure_ascii=False)
    return _middle(printable(text) or '""', longest)


def fingerprints(before: Any, after: Any) -> bool:
    """Whether both are fingerprints, which tell a reader nothing that their causes do not."""
    return all(
        isinstance(one, str | Unknown) and bool(_FINGERPRINT.fullmatch(_bare(one)))
        for one in (before, after)
    )


def _bare(found: str | Unknown) -> str:
    return found.expression if isinstance(found, Unknown) else found


def _around(text: str, head: int, tail: int, longest: int) -> str:
    cut = text[head : len(text) - tail]
    return (_CUT if head else "") + _middle(cut, longest) + (_CUT if tail else "")


def _middle(text: str, longest: int | None) -> str:
    if longest is None or len(text) <= longest:
        return text
    half = (longest - len(_CUT)) // 2
    return f"{text[:half]}{_CUT}{text[-half:]}"


def _common(one: str, other: str) -> int:
    """The length of the common beginning."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _exact(found: Any) -> str:
    """A value that distinguishes "1" from 1, and an escaped line feed from a line feed."""
    if found is ABSENT or isinstance(found, Unknown):
        return value(found)
    return json.dumps(found, default=str, sort_keys=True)
