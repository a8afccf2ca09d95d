"""Values that a platform declares, against what they may be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest

from tapgen.model.parts import declared
from tapgen.model.parts.declared import Kind, Part, a, misfits, repeated, takes


@dataclass(frozen=True)
class Lamp(Part):
    kinds: ClassVar = {"name": declared.SOME_TEXT, "seconds": declared.SECONDS}

    name: Any
    seconds: Any = 1


def two(first: object, second: object) -> None:
    """Nothing."""


def more(*each: object) -> None:
    """Nothing."""


@pytest.mark.parametrize(
    ("kind", "fitting", "others"),
    [
        (declared.TEXT, ["", "a"], [None, 3, b"a"]),
        (declared.SOME_TEXT, ["a"], ["", None]),
        (declared.OPTIONAL_TEXT, ["a", None], ["", 3]),
        (declared.TEXTS, [(), ("a",), ["a"]], ["files", ("a", 1), None, {"a"}]),
        (declared.TEXT_BY_NAME, [{}, {"a": "b"}], [{"a": 1}, {1: "a"}, ("a",), None]),
        (declared.SECONDS, [1, 0.5], [0, -1, "x", True, float("inf"), float("nan"), None]),
        (a(Lamp), [Lamp("x")], [None, 3]),
        (a(Lamp, optional=True), [Lamp("x"), None], [3]),
        (takes(2), [two, more, print, dict], [lambda: None, lambda one: one, None, "two"]),
        (takes(1, optional=True), [None, more, len], [two, 3]),
        (takes(1, "key"), [lambda one, *, key: (one, key)], [len, two, more]),
    ],
)  # fmt: skip
def test_a_kind_knows_what_fits(kind: Kind, fitting: list[Any], others: list[Any]) -> None:
    assert [kind.fits(one) for one in fitting] == [True] * len(fitting)
    assert [kind.fits(one) for one in others] == [False] * len(others)


def test_all_that_is_wrong_is_told_with_what_is_allowed() -> None:
    lamp = Lamp("", 0)
    assert [*lamp.faults()] == [*misfits(lamp, Lamp.kinds)] == [
        "`name` is '', but must be a text that is not empty",
        "`seconds` is 0, but must be a number of seconds above 0",
    ]  # fmt: skip
    assert [*Lamp("desk").faults()] == []


def test_it_knows_where_it_was_made() -> None:
    made = Lamp("desk")
    here = "tests/model/parts/test_declared.py:"
    assert here in made.place
    assert here in replace(made, seconds=2).place
    assert made == Lamp("desk"), "that is no part of what it is"


def test_names_that_are_there_more_than_once() -> None:
    assert repeated(["a", "b", "a", "c", "b"]) == ["a", "b"]
