from __future__ import annotations

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.cli.views.text import counted, seconds, table

cells = st.text(st.characters(categories=["L", "N"]), min_size=1)


def test_columns_are_as_wide_as_their_longest_cell() -> None:
    shown = click.unstyle(table(["a", "long heading"], [["wide cell", "x"], ["y", "z"]]))
    assert shown.splitlines() == ["a          long heading", "wide cell  x", "y          z"]


def test_headings_are_bold_and_stand_alone_without_rows() -> None:
    assert table(["a", "b"], []) == click.style("a  b", bold=True)


def test_one_is_no_plural() -> None:
    assert [counted(number, "stack") for number in (0, 1, 2)] == ["0 stacks", "1 stack", "2 stacks"]


@given(st.lists(st.tuples(cells, cells), min_size=1), st.sampled_from([None, "red"]))
def test_colours_take_no_room(rows: list[tuple[str, str]], colour: str | None) -> None:
    coloured = table(["a", "b"], [[click.style(first, fg=colour), last] for first, last in rows])
    assert click.unstyle(coloured) == click.unstyle(table(["a", "b"], rows))


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (0.04, "0.0 s"),
        (0.42, "0.4 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (10, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (185, "3 min 05 s"),
        (3605, "60 min 05 s"),
    ],
)
def test_durations(duration: float, words: str) -> None:
    assert seconds(duration) == words
