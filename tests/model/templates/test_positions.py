from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tapgen.model.templates.json_text import pretty
from tapgen.model.templates.positions import every, locate

TEXT = """{
  "A": {"B": [1, {"C": "x, {]"}]},
  "D, \\"": 2
}
"""


def test_a_key_is_found_where_it_is_written() -> None:
    assert locate(TEXT, ("A",)) == (2, 3)
    assert locate(TEXT, ("A", "B")) == (2, 9)
    assert locate(TEXT, ("A", "B", 1)) == (2, 18)
    assert locate(TEXT, ("A", "B", 1, "C")) == (2, 19)
    assert locate(TEXT, ('D, "',)) == (3, 3)


def test_the_whole_document_is_its_first_character() -> None:
    assert locate(TEXT, ()) == (1, 1)


def test_what_is_missing_is_reported_at_what_should_hold_it() -> None:
    assert locate(TEXT, ("A", "Z", "Y")) == (2, 3)
    assert locate(TEXT, ("A", "B", 7)) == (2, 9)
    assert locate(TEXT, ('D, "', "below a number")) == (3, 3)


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path]
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for step, item in pairs:
        inside = isinstance(item, (dict, list))
        found += paths(item, (*path, step)) if inside else [(*path, step)]
    return found


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text(max_size=4), documents))
def test_every_part_of_a_rendered_document_is_found(document: dict[str, Any]) -> None:
    text = pretty(document)
    lines = text.split("\n")
    for path in paths(document):
        line, column = locate(text, path)
        rest = lines[line - 1][column - 1 :]
        if path and isinstance(path[-1], str):
            assert rest.startswith(json.dumps(path[-1]))


def test_every_key_and_item_is_found_in_the_order_of_the_text() -> None:
    assert list(every(TEXT)) == [
        (("A",), (2, 3)),
        (("A", "B"), (2, 9)),
        (("A", "B", 0), (2, 15)),
        (("A", "B", 1), (2, 18)),
        (("A", "B", 1, "C"), (2, 19)),
        (('D, "',), (3, 3)),
    ]
    assert list(every(' {"A": 1, "A": 2}')) == [(("A",), (1, 3)), (("A",), (1, 11))]
    assert list(every("5")) == []
