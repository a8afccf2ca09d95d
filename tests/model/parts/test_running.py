"""What a platform's code prints is no result, and what it breaks is its own bug."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from threading import Event, Thread
from typing import TextIO

import pytest

from tapgen.errors import TapgenError
from tapgen.model.parts.running import aside, blaming, results, yielded


def test_a_bug_in_a_part_is_blamed_on_it() -> None:
    def within(error: Exception) -> None:
        with blaming("the guard mine"):
            raise error

    with pytest.raises(ValueError, match="ouch") as bug:
        within(ValueError("ouch"))
    assert bug.value.__notes__ == ["the guard mine"]
    with pytest.raises(TapgenError) as expected:
        within(TapgenError("no"))
    assert not hasattr(expected.value, "__notes__")


@pytest.mark.parametrize("code", [0, 3])
def test_a_part_that_ends_the_program_is_a_bug(code: int) -> None:
    """Or a rule with `sys.exit(0)` would pass for one that finds nothing."""
    told = f"it exits the program with {code}"
    with pytest.raises(RuntimeError, match=told) as bug, blaming("the rule mine"):
        sys.exit(code)
    assert bug.value.__notes__ == ["the rule mine"]


def say(text: object, file: TextIO | None = None) -> None:
    print(text, file=file)


def test_what_is_printed_within_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with blaming("the guard mine"):
        say("from the guard")
        with aside:
            say("from what it calls")
        say("from the guard again")
        say("a result", file=results())
    say("after it")
    told = capsys.readouterr()
    assert told.out == "a result\nafter it\n"
    assert told.err == "from the guard\nfrom what it calls\nfrom the guard again\n"


def test_one_that_ends_first_takes_nothing_from_another(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = Event(), Event()

    def long() -> None:
        with aside:
            first.set()
            second.wait(10)
            say("still a part")

    thread = Thread(target=long)
    with aside:
        thread.start()
        first.wait(10)
    second.set()
    thread.join()
    assert capsys.readouterr().out == ""
    assert results() is sys.stdout


def test_what_is_yielded_is_passed_on_while_it_is_made(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def each() -> Iterator[int]:
        say("begins")
        yield 1
        yield 2

    for one in yielded("the checks", each, int, each):
        say(one)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("1\n2\n", "begins\n")


def texts() -> object:
    return "text"


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ("text", "the guard mine returns 'text' (str)"),
        (None, "the guard mine returns nothing"),
        (3, "the guard mine returns 3 (int)"),
        ([1], "the guard mine returns 1 (int)"),
    ],
)
def test_something_else_than_what_fits_is_told_with_the_place(found: object, told: str) -> None:
    with pytest.raises(TapgenError) as refused:
        [*yielded("the guard mine", lambda: found, str, texts)]  # type: ignore[arg-type, return-value]
    place, _, message = refused.value.message.partition(": ")
    assert message == told
    assert place.startswith("tests/model/parts/test_running.py:")
    assert refused.value.hint.startswith("It must return ")


def test_a_part_that_breaks_on_the_way_is_blamed() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("ouch")

    steps = yielded("the checks", broken, int, broken)
    assert next(steps) == 1
    with pytest.raises(ValueError, match="ouch") as bug:
        next(steps)
    assert bug.value.__notes__ == ["the checks"]
