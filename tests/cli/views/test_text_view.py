from __future__ import annotations

import io
import os
import pty
import termios

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.cli.views.text import (
    clock,
    columns,
    counted,
    folded,
    listed,
    seconds,
    spread,
    table,
    wrapped,
)

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


@pytest.mark.parametrize(
    ("duration", "shown"), [(0, "0:00"), (7.9, "0:07"), (750, "12:30"), (3730, "1:02:10")]
)
def test_a_clock(duration: float, shown: str) -> None:
    assert clock(duration) == shown


@pytest.mark.parametrize(
    ("count", "shown"), [(0, ""), (2, "a, b"), (3, "a, b, c"), (4, "a, b and 2 more")]
)
def test_of_many_names_the_first_are_listed(count: int, shown: str) -> None:
    assert listed("abcd"[:count], 2) == shown


def test_a_line_is_wrapped_at_a_terminal_only_and_commands_stay_whole() -> None:
    text = f"  next:  {'word ' * 20}then `tapgen deploy --env dev --layer data --yes` again"
    assert wrapped(text, " " * 9, io.StringIO()) == text
    ours, theirs = pty.openpty()
    with os.fdopen(ours), os.fdopen(theirs, "w") as terminal:
        termios.tcsetwinsize(terminal.fileno(), (24, 40))
        lines = wrapped(text, " " * 9, terminal).splitlines()
        termios.tcsetwinsize(terminal.fileno(), (0, 0))
        assert len(wrapped(text, " " * 9, terminal).splitlines()[0]) > 60
    assert lines[0] == "  next:  word word word word word word"
    assert all(line.startswith(" " * 9) for line in lines[1:])
    assert [line.strip() for line in lines][-2] == "`tapgen deploy --env dev --layer data --yes`"


WORDS = st.lists(st.text("ab/", min_size=1, max_size=30), min_size=1, max_size=12)


@given(WORDS, st.integers(0, 8), st.integers(10, 60))
def test_lines_fold_between_words_and_lose_none(words: list[str], indent: int, width: int) -> None:
    line = " " * indent + " ".join(words)
    lines = folded(line, width).split("\n")
    assert " ".join(lines).split() == words
    assert lines[0].startswith(" " * indent + words[0])
    for part in lines:
        assert len(part) <= width or len(part.split()) == 1
    assert all(part.startswith(" " * min(indent + 4, width // 2)) for part in lines[1:])
    assert folded(line, None) == line


def test_colours_take_no_room_and_commands_are_left_alone() -> None:
    line = f"  {click.style('aaaa', fg='red')} bbbb cccc"
    assert click.unstyle(folded(line, 12)) == "  aaaa bbbb\n      cccc"
    assert folded("aws --a b \\\n  --c d", 4) == "aws --a b \\\n  --c\n  d"


def test_only_a_terminal_has_columns() -> None:
    assert columns(io.StringIO()) is None


def test_values_are_told_with_who_has_them_the_most_common_first() -> None:
    assert spread({"a": "x", "b": "y", "c": "y"}) == [("y", ["b", "c"]), ("x", ["a"])]
    assert spread({}) == []
