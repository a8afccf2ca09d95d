"""The differences of two resolved values, down to the smallest part.

Everything that shows or judges a change uses this: the diff of files, the values of a change set,
drift, verification. So a part has the same path everywhere.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tapgen.model.templates.intrinsics import Unknown
from tapgen.model.templates.json_text import document_in
from tapgen.model.templates.paths import naming


class _Absent:
    """Stands for a part that does not exist."""

    def __repr__(self) -> str:
        return "(absent)"


ABSENT: Final = _Absent()

# The path of a list -> whether AWS treats it as a set, without an order.
IsSet = Callable[[str], bool]

# The order of members with these names matters, as for origins (Id) and stages (Name).
_ORDERED: Final = frozenset({"Id", "Name"})
_EFFECTS: Final = ("Allow", "Deny")
# A text that is the same only for equal values; true is not 1.
_key: Final = json.JSONEncoder(sort_keys=True, default=repr).encode


class Order(tuple[str, ...]):
    """The names of a list's members in order, if only their order differs."""

    __slots__ = ()


@dataclass(frozen=True)
class ValueDifference:
    """One part that differs: its path ("ProvisionedThroughput/ReadCapacityUnits") and both values.

    A part that only one side has is `ABSENT` on the other. A member of a list is identified by its
    name ("Statement/AllowReading"), otherwise by its position: the new one, or the old one if it
    was removed.
    """

    path: str
    before: Any
    after: Any


def differences(
    before: Any, after: Any, path: str = "", is_set: IsSet = lambda _: False
) -> Iterator[ValueDifference]:
    """Yield the differences, sorted by path.

    Members of lists are identified by their names (`paths.naming`), otherwise by their content:
    a member that both sides have is the same at any position, others were added or removed. Order
    counts except in sets: lists for which `is_set` is true, lists whose members have keys, and the
    lists of an IAM statement. Text that contains JSON is compared as JSON.
    """
    if not _same(before, after):
        yield from _of(before, after, path, is_set)


def _of(before: Any, after: Any, path: str, is_set: IsSet) -> Iterator[ValueDifference]:
    if isinstance(before, dict) and isinstance(after, dict):
        inner = _anything if _is_statement(before) and _is_statement(after) else is_set
        yield from _mappings(before, after, path, inner)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _lists(before, after, path, is_set)
    elif type(before) is not type(after) or before != after:
        old, new = _document(before), _document(after)
        if old is None or type(old) is not type(new) or _same(old, new):
            yield ValueDifference(path, before, after)
        else:
            yield from _of(old, new, path, is_set)


def _mappings(
    before: Mapping[str, Any], after: Mapping[str, Any], path: str, is_set: IsSet
) -> Iterator[ValueDifference]:
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name, ABSENT), after.get(name, ABSENT)
        if old is new or (type(old) is str and old == new):
            continue  # most of all parts
        yield from _of(old, new, _below(path, name), is_set)


def _lists(
    before: list[Any], after: list[Any], path: str, is_set: IsSet
) -> Iterator[ValueDifference]:
    name = naming(before, after)
    if name is None:
        unordered = is_set(path) or _are_statements(before, after)
        pairs = _as_set(before, after) if unordered else _in_order(before, after)
        for place, old, new in pairs:
            yield from _of(old, new, _below(path, str(place)), is_set)
        return
    old, new = ({member[name]: member for member in side} for side in (before, after))
    yield from _mappings(old, new, path, is_set)
    kept = [*(one for one in old if one in new), *(one for one in new if one not in old)]
    if name in _ORDERED and kept != [*new] and not is_set(path):
        yield ValueDifference(path, Order(old), Order(new))


def _as_set(before: list[Any], after: list[Any]) -> Iterator[tuple[int, Any, Any]]:
    """Yield position, before and after of members that only one side has.

    If exactly one was removed and one added, and both have parts, it is the same one, changed.
    """
    gone, came = _without(before, after), _without(after, before)
    if len(gone) == len(came) == 1:
        ((_, old),), ((place, new),) = gone, came
        if type(old) is type(new) and isinstance(old, dict | list):
            yield place, old, new
            return
    yield from ((place, old, ABSENT) for place, old in gone)
    yield from ((place, ABSENT, new) for place, new in came)


def _without(members: Sequence[Any], others: Sequence[Any]) -> list[tuple[int, Any]]:
    """Position and member of those that the others lack, counting repetitions."""
    left = Counter(map(_key, others))
    found = []
    for place, member in enumerate(members):
        key = _key(member)
        left[key] -= 1
        if left[key] < 0:
            found.append((place, member))
    return found


def _in_order(before: list[Any], after: list[Any]) -> Iterator[tuple[int, Any, Any]]:
    """Yield position, before and after of added, removed or changed members of a sequence."""
    from difflib import SequenceMatcher  # only needed once something differs

    old, new = ([*map(_key, side)] for side in (before, after))
    for what, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        if i2 - i1 == j2 - j1:
            yield from zip(range(j1, j2), before[i1:i2], after[j1:j2], strict=True)
        else:
            yield from ((place, before[place], ABSENT) for place in range(i1, i2))
            yield from ((place, ABSENT, after[place]) for place in range(j1, j2))


def _document(value: Any) -> Any:
    """The mapping or list in a JSON text; None for anything else."""
    if isinstance(value, Unknown):
        return document_in(value.expression)
    return document_in(value) if isinstance(value, str) else None


def _same(before: Any, after: Any) -> bool:
    """True if the values are equal; true is not 1."""
    return type(before) is type(after) and bool(before == after) and _key(before) == _key(after)


def _below(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name


def _are_statements(*lists: list[Any]) -> bool:
    return all(_is_statement(member) for members in lists for member in members)


def _is_statement(value: Any) -> bool:
    """True if it is a statement of a policy."""
    return isinstance(value, dict) and value.get("Effect") in _EFFECTS


def _anything(_: str) -> bool:
    return True
