from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.cli.views.values import (
    LONGEST,
    change,
    fingerprints,
    limit,
    pair,
    several,
    shown,
    value,
)
from tapgen.model.changes.differences import ABSENT, Order, differences
from tapgen.model.templates.intrinsics import Unknown
from tests.model.changes.test_differences import same, values

texts = st.text(max_size=30) | st.sampled_from(["\n", "\\n", '""', "true", "{a}", "(none)", "1"])
long_texts = st.builds(lambda a, b, c: a + b * 10 + c, texts, texts, texts)
leaves = (
    st.sampled_from([ABSENT, Unknown("a"), None, True, 1, 1.0])
    | long_texts
    | st.lists(long_texts, max_size=3)
)


@given(leaves, leaves, st.sampled_from([None, 30, LONGEST]))
def test_what_differs_never_looks_the_same(before: Any, after: Any, longest: int | None) -> None:
    old, new = pair(before, after, longest)
    assert (old == new) is (type(before) is type(after) and before == after)
    assert "\n" not in old + new


@given(long_texts, long_texts)
def test_nothing_is_longer_than_there_is_room_for(before: str, after: str) -> None:
    if before != after:
        room = LONGEST + 2 * len("...")
        assert all(len(side) <= room for side in pair(before, after))


@given(values, values)
def test_every_difference_of_two_values_is_seen(before: Any, after: Any) -> None:
    parts = [(one.path, one.before, one.after) for one in differences(before, after)]
    lines = [str(one) for one in several(parts)]
    assert bool(lines) is not same(before, after)
    for line, (path, old, new) in zip(lines, parts, strict=True):
        sign = "+ " if old is ABSENT else "- " if new is ABSENT else ""
        assert line.startswith(f"{sign}{path}: ")


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (ABSENT, "(none)"),
        ("", '""'),
        ("a\nb", "a\\nb"),
        ("Zürich", "Zürich"),
        (True, "true"),
        ({"b": [1, Unknown("x.Arn")], "a": "ü"}, '{"a": "ü", "b": [1, "{x.Arn}"]}'),
        (Order(["a", "b"]), "a, b"),
    ],
)
def test_values_on_one_line(found: object, text: str) -> None:
    assert value(found) == text


def test_a_long_value_is_cut_in_the_middle() -> None:
    assert value("x" * 100, LONGEST) == f"{'x' * 28}...{'x' * 28}"
    assert value("x" * 100) == "x" * 100


def test_long_values_are_cut_around_where_they_differ() -> None:
    head, tail = "h" * 80, "t" * 80
    assert change(f"{head}ONE{tail}", f"{head}TWO{tail}") == (
        f"...{'h' * 12}ONE{'t' * 8}... -> ...{'h' * 12}TWO{'t' * 8}..."
    )
    assert change("a" * 61, "a" * 62) == f"...{'a' * 12} -> ...{'a' * 13}"
    assert change("a" * 61, "a" * 62, None) == f"{'a' * 61} -> {'a' * 62}"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (1, "1", '1 -> "1"'),
        (True, "true", 'true -> "true"'),
        (Unknown("a"), "{a}", '{a} -> "{a}"'),
        ("\n", "\\n", '"\\n" -> "\\\\n"'),
        ("(none)", ABSENT, '"(none)" -> (none)'),
        (Unknown("a"), ABSENT, "{a} -> (none)"),
        (Order(["a", "b"]), Order(["b", "a"]), "order a, b -> b, a"),
    ],
)
def test_what_reads_alike_is_told_apart(before: object, after: object, words: str) -> None:
    assert change(before, after) == words


def test_what_came_and_what_has_gone_have_a_sign() -> None:
    assert str(shown("Tags/a", ABSENT, 1)) == "+ Tags/a: 1"
    assert str(shown("Tags/a", 1, ABSENT)) == "- Tags/a: 1"
    assert str(shown("Tags/\x1b", 1, 2)) == "Tags/\\x1b: 1 -> 2"


def test_what_came_and_has_gone_is_told_apart_where_it_is_cut() -> None:
    middle = "x" * 200
    parts = [(str(n), ABSENT, f"{middle}{n}{middle}") for n in range(2)]
    one, other = several(parts)
    assert one.words == f"{middle}0{middle}"
    assert other.words == f"{middle}1{middle}"
    (alone,) = several(parts[:1])
    assert len(alone.words) == 239
    assert limit(0) == LONGEST
    assert several(parts[:1], limit(1)) == (one,)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("0123456789ab functions/x.zip 512", "0123456789ab functions/y.zip 512", True),
        (Unknown("0123456789ab {a.Arn}"), "0123456789ac b", True),
        ("0123456789ab x", "a text", False),
        ("0123456789ab x", ABSENT, False),
        ("0123456789ab", "0123456789ac", False),
    ],
)
def test_fingerprints(before: object, after: object, found: bool) -> None:
    assert fingerprints(before, after) is found
