from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tapgen.model.templates.json_text import pretty
from tapgen.review.lint.findings import Finding, merged
from tapgen.review.positions import locate

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


def finding(**differences: Any) -> Finding:
    fields = {"path": "t.json", "line": 1, "column": 1, "rule": "T001", "name": "n"}
    return Finding(**{**fields, "severity": "error", "message": "m", **differences})


def test_the_same_finding_in_several_environments_is_told_once() -> None:
    found = merged(
        [
            finding(environments=("dev",), line=7),
            finding(environments=("prod",)),
            finding(environments=("dev",)),
            finding(environments=("prod",)),
        ]
    )
    assert [(one.line, one.environments) for one in found] == [(1, ("prod", "dev")), (7, ("dev",))]


def test_a_position_is_written_as_editors_read_it() -> None:
    assert finding(line=3, column=9).position == "t.json:3:9"
