"""Compares declared properties with those that a reader found.

CloudFormation is lenient about values in templates: "5" equals 5, "true" equals true, an item
equals a list of one, and JSON may be text. So is this comparison. AWS treats lists as sets, so
their order does not matter; items with a name are matched by it and compared property by property.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tapgen.aws.readers.values import AtLeast, NotRead, Whole, plain
from tapgen.model.templates.intrinsics import Unknown
from tapgen.model.templates.json_text import document_in
from tapgen.model.templates.paths import naming

# CloudFormation replaces these with secrets, which must not be read.
_DYNAMIC_REFERENCE: Final = "{{resolve:"


@dataclass(frozen=True)
class Compared:
    """One compared value: the path to it, both sides, and whether they agree (None: unknown).

    Paths are those of `model.changes.differences`. A side without this part is None.
    """

    path: str
    declared: Any
    actual: Any
    ok: bool | None


def compare(path: str, declared: Any, actual: Any, *, whole: bool = False) -> Iterator[Compared]:
    """Compare one property at every declared depth.

    Undeclared entries of mappings are ignored, unless `whole` is true.
    """
    if isinstance(actual, Whole):
        yield from compare(path, declared, actual.value, whole=True)
    elif isinstance(declared, Unknown) or isinstance(actual, NotRead) or _is_reference(declared):
        yield Compared(path, declared, plain(actual), None)
    elif isinstance(actual, AtLeast):
        yield Compared(path, declared, actual.value, _reaches(declared, actual))
    elif isinstance(declared, str) and isinstance(actual, dict):
        yield from _mappings(path, _parsed(declared), actual, whole)
    elif isinstance(declared, dict) and (declared or whole):
        yield from _mappings(path, declared, actual, whole)
    elif isinstance(declared, list) or isinstance(actual, list):
        yield from _lists(path, _as_list(declared), _as_list(actual), whole)
    else:
        yield from _scalars(path, declared, actual)


def _scalars(path: str, declared: Any, actual: Any) -> Iterator[Compared]:
    """Compare scalars; if both are texts with JSON, compare the documents."""
    ok = _text(declared) == _text(actual)
    if not ok and isinstance(declared, str) and isinstance(actual, str):
        wanted, found = document_in(declared), document_in(actual)
        if wanted is not None and type(wanted) is type(found):
            yield from compare(path, wanted, found, whole=True)
            return
    yield Compared(path, declared, plain(actual), ok)


def _mappings(
    path: str, declared: Mapping[str, Any], actual: Any, whole: bool
) -> Iterator[Compared]:
    found = actual if isinstance(actual, dict) else {}
    for name, value in declared.items():
        yield from compare(f"{path}/{name}", value, found.get(name), whole=whole)
    if whole:
        for name in sorted(found.keys() - declared.keys()):
            yield Compared(f"{path}/{name}", None, plain(found[name]), ok=False)


def _lists(path: str, declared: list[Any], actual: list[Any], whole: bool) -> Iterator[Compared]:
    name = naming(declared, actual)
    if name is None:
        yield from _items(path, declared, actual, whole)
        return
    wanted = {item[name]: item for item in declared}
    found = {item[name]: item for item in actual}
    for key, item in wanted.items():
        if key in found:
            yield from compare(f"{path}/{key}", item, found[key], whole=whole)
        else:
            yield Compared(f"{path}/{key}", item, None, ok=False)
    for key, item in found.items():
        if key not in wanted:
            yield Compared(f"{path}/{key}", None, plain(item), ok=False)


def _items(path: str, declared: list[Any], actual: list[Any], whole: bool) -> Iterator[Compared]:
    """Match each declared item with an actual one; yield the items that have no match.

    If one item of each side is left and both have parts, they are compared as one changed item.
    """
    left = dict(enumerate(actual))
    missing: dict[int, Any] = {}
    certain = True
    for place, item in enumerate(declared):
        for other, candidate in left.items():
            agree = [compared.ok for compared in compare("", item, candidate, whole=whole)]
            if False not in agree:
                del left[other]
                certain = certain and None not in agree
                break
        else:
            missing[place] = item
    if not missing and not left:
        yield Compared(path, declared, plain(actual), True if certain else None)
    elif _DYNAMIC_REFERENCE in str(declared):  # the actual item may contain a secret: not by part
        yield Compared(path, declared, plain(actual), ok=False)
    elif len(missing) == len(left) == 1 and _have_parts(*missing.values(), *left.values()):
        ((_, item),), ((place, candidate),) = missing.items(), left.items()
        yield from compare(f"{path}/{place}", item, candidate, whole=whole)
    else:
        for place, item in missing.items():
            yield Compared(f"{path}/{place}", item, None, ok=False)
        for place, candidate in left.items():
            yield Compared(f"{path}/{place}", None, plain(candidate), ok=False)


def _have_parts(*items: Any) -> bool:
    return all(isinstance(item, dict) for item in items)


def _is_reference(declared: Any) -> bool:
    return isinstance(declared, str) and _DYNAMIC_REFERENCE in declared


def _reaches(declared: Any, actual: AtLeast) -> bool:
    return declared is not None and float(declared) <= actual.value


def _parsed(declared: str) -> Mapping[str, Any]:
    """JSON text as a mapping; other text as a mapping that differs from any other."""
    document = document_in(declared)
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
