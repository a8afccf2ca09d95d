"""Line and column of a part of a JSON text: findings have a path, people need a line."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

Path = Sequence[str | int]

_DECODER: Final = json.JSONDecoder()
_GAP: Final = re.compile(r"[\s,:]*")


def locate(text: str, path: Path) -> tuple[int, int]:
    """Return line and column (from 1) of the key or list item at `path`.

    If the document does not have it, the place is that of the last existing part of the path: a
    missing property is reported at the resource. `text` must be valid JSON.
    """
    found = value = _skip(text, 0)
    for step in path:
        inside = next((place for name, *place in _children(text, value) if name == step), None)
        if inside is None:
            break
        found, value = inside
    return text.count("\n", 0, found) + 1, found - text.rfind("\n", 0, found)


def every(text: str) -> Iterator[tuple[tuple[str | int, ...], tuple[int, int]]]:
    """Yield path, line and column of every key and list item of a JSON text, in order.

    A key that a mapping has twice is yielded twice.
    """
    lines = [0, *(found.end() for found in re.finditer("\n", text))]

    def below(
        path: tuple[str | int, ...], start: int
    ) -> Iterator[tuple[tuple[str | int, ...], tuple[int, int]]]:
        for name, own, value in _children(text, start):
            line = bisect_right(lines, own)
            yield (*path, name), (line, own - lines[line - 1] + 1)
            yield from below((*path, name), value)

    return below((), _skip(text, 0))


def _children(text: str, start: int) -> Iterator[tuple[str | int, int, int]]:
    """Yield name, own offset and offset of the value of each member of the container at `start`."""
    if text[start] not in "{[":
        return
    keyed = text[start] == "{"
    own, index = _skip(text, start + 1), 0
    while text[own] not in "}]":
        name: str | int = index
        value = own
        if keyed:
            name, end = _DECODER.raw_decode(text, own)
            value = _skip(text, end)
        yield name, own, value
        own, index = _skip(text, _DECODER.raw_decode(text, value)[1]), index + 1


def _skip(text: str, start: int) -> int:
    """Return the offset after blanks and separators, which is sufficient for valid JSON."""
    return next(_GAP.finditer(text, start)).end()
