"""Asking again until something is so."""

from __future__ import annotations

from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.aws.polling import Lately, intervals, looks, until
from tapgen.errors import TapgenError


@given(first=st.floats(0.01, 2), most=st.floats(2, 10), growth=st.floats(1.2, 3))
def test_pauses_grow_to_the_most_with_some_jitter(first: float, most: float, growth: float) -> None:
    pauses = list(islice(intervals(first, most, growth), 60))
    assert first * 0.8 <= pauses[0] <= first * 1.2
    assert all(pause <= most * 1.2 for pause in pauses)
    assert pauses[-1] >= most * 0.8


def test_the_first_answer_is_given_without_waiting() -> None:
    assert until(lambda: "at once", what="it", seconds=0) == "at once"


def test_it_is_asked_again_until_there_is_an_answer() -> None:
    answers = iter([None, "late"])
    assert until(lambda: next(answers), what="it", seconds=3600) == "late"


def test_the_deadline_says_what_did_not_end() -> None:
    with pytest.raises(TapgenError, match="the change set did not end within 0 s") as raised:
        until(lambda: None, what="the change set", seconds=0.1)
    assert "attaches to what is in progress" in raised.value.hint


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still until a test moves it."""
    now = [100.0]
    monkeypatch.setattr("tapgen.aws.polling.time.monotonic", lambda: now[0])
    return now


def times(clock: list[float], expected: float | None, until_second: float) -> list[float]:
    """When something is looked at, in seconds from its beginning."""
    pauses = looks(expected)
    found = []
    while clock[0] - 100.0 < until_second:
        clock[0] += next(pauses)
        found.append(clock[0] - 100.0)
    return found


def test_what_is_expected_is_looked_at_when_it_should_be_done(clock: list[float]) -> None:
    assert times(clock, 15.0, 15.0) == pytest.approx([10.0, 15.05])
    clock[0] = 100.0
    assert times(clock, 0.2, 0.2) == pytest.approx([0.25])


def test_after_that_it_is_looked_at_again_soon_and_then_less_often(clock: list[float]) -> None:
    found = times(clock, 5.0, 60.0)
    assert found[0] == pytest.approx(5.05)
    gaps = [later - earlier for earlier, later in pairwise(found)]
    assert gaps[0] <= 0.28
    assert gaps[-1] == pytest.approx(5.0, rel=0.1)


def test_what_nobody_knows_is_looked_at_by_a_share_of_what_has_gone_by(clock: list[float]) -> None:
    found = times(clock, None, 600.0)
    gaps = [later - earlier for earlier, later in pairwise(found)]
    assert found[0] == pytest.approx(1.0, rel=0.1)
    assert all(0.9 <= gap <= 5.5 for gap in gaps)
    assert gaps[-1] == pytest.approx(5.0, rel=0.1)


@given(st.floats(0.5, 20))
def test_looks_close_in_on_how_long_something_takes(seconds: float) -> None:
    lately = Lately()
    assert lately.expected is None
    lately.note(seconds * 0.5, seconds * 1.5)
    for _ in range(12):
        look = lately.expected
        assert look is not None
        if look >= seconds:
            lately.note(0.0, look)
        else:
            lately.note(look, seconds * 1.02)
    assert lately.expected == pytest.approx(seconds, rel=0.1)


def test_the_first_pause_may_be_chosen() -> None:
    answers = iter([None, None, "late"])
    pauses = iter([0.0, 0.0, 0.0])
    assert until(lambda: next(answers), what="it", seconds=3600, pauses=pauses) == "late"
