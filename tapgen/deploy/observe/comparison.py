"""Comparing declared properties with those that a reader found.

CloudFormation is lenient where templates are written: "5" is 5, "true" is true, one item is a list
of one, and JSON may be text. So is this comparison. Lists are sets to AWS, so their order does not
count; items that carry a name are compared by it, one property at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tapgen.aws.readers.values import AtLeast, NotRead, Whole
from tapgen.model.templates.intrinsics import Unknown

# What tells items of a list apart, whichever they all have.
_NAMES: Final = (
    "Sid", "Id", "Name", "Key", "IndexName", "PolicyName", "AttributeName", "HeaderName",
)  # fmt: skip
# CloudFormation replaces these by secrets, which nobody else should look at.
_DYNAMIC_REFERENCE: Final = "{{resolve:"


@dataclass(frozen=True)
class Compared:
    """One compared value: the path to it, both sides, and whether they agree (None: unknown)."""

    path: str
    declared: Any
    actual: Any
    ok: bool | None


def compare(path: str, declared: Any, actual: Any, *, whole: bool = False) -> Iterator[Compared]:
    """Compare one property at every depth that was declared.

    Entries of mappings that are not declared do not count, unless `whole` says that they do.
    """
    if isinstance(actual, Whole):
        yield from compare(path, declared, actual.value, whole=True)
    elif isinstance(declared, Unknown) or isinstance(actual, NotRead) or _is_reference(declared):
        yield Compared(path, declared, actual, None)
    elif isinstance(actual, AtLeast):
        yield Compared(path, declared, actual.value, _reaches(declared, actual))
    elif isinstance(declared, str) and isinstance(actual, dict):
        yield from _mappings(path, _parsed(declared), actual, whole)
    elif isinstance(declared, dict) and (declared or whole):
        yield from _mappings(path, declared, actual, whole)
    elif isinstance(declared, list) or isinstance(actual, list):
        yield from _lists(path, _as_list(declared), _as_list(actual), whole)
    else:
        yield Compared(path, declared, actual, _text(declared) == _text(actual))


def _mappings(
    path: str, declared: Mapping[str, Any], actual: Any, whole: bool
) -> Iterator[Compared]:
    found = actual if isinstance(actual, dict) else {}
    for name, value in declared.items():
        yield from compare(f"{path}.{name}", value, found.get(name), whole=whole)
    if whole:
        for name in found.keys() - declared.keys():
            yield Compared(f"{path}.{name}", None, found[name], ok=False)


def _lists(path: str, declared: list[Any], actual: list[Any], whole: bool) -> Iterator[Compared]:
    name = next((name for name in _NAMES if _tells_apart(name, declared, actual)), None)
    if name is None:
        yield Compared(path, declared, actual, _same_items(declared, actual, whole))
        return
    wanted = {item[name]: item for item in declared}
    found = {item[name]: item for item in actual}
    for key, item in wanted.items():
        if key in found:
            yield from compare(f"{path}[{key}]", item, found[key], whole=whole)
        else:
            yield Compared(f"{path}[{key}]", item, None, ok=False)
    for key in found.keys() - wanted.keys():
        yield Compared(f"{path}[{key}]", None, found[key], ok=False)


def _tells_apart(name: str, *lists: list[Any]) -> bool:
    """Whether every item of every list has this name, as text, and no two share it."""
    for items in lists:
        names = [item.get(name) if isinstance(item, dict) else None for item in items]
        if not all(isinstance(one, str) for one in names) or len(set(names)) < len(names):
            return False
    return any(lists)


def _same_items(declared: list[Any], actual: list[Any], whole: bool) -> bool | None:
    """Whether each declared item has a counterpart and nothing else is there."""
    left = list(actual)
    certain = True
    for item in declared:
        for candidate in left:
            agree = [compared.ok for compared in compare("", item, candidate, whole=whole)]
            if False not in agree:
                left.remove(candidate)
                certain = certain and None not in agree
                break
        else:
            return False
    if left:
        return False
    return True if certain else None


def _is_reference(declared: Any) -> bool:
    return isinstance(declared, str) and _DYNAMIC_REFERENCE in declared


def _reaches(declared: Any, actual: AtLeast) -> bool:
    return declared is not None and float(declared) <= actual.value


def _parsed(declared: str) -> Mapping[str, Any]:
    """JSON text as a mapping; other text, compared with a mapping, differs as a whole."""
    try:
        document = json.loads(declared)
    except ValueError:
        document = None
    return document if isinstance(document, dict) else {"": declared}


def _as_list(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, dict) else str(value)
