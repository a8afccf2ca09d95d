"""Asking again until something is so."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle, islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.aws.polling import Estimate, intervals, poll_delays, until
from tapgen.errors import TapgenError

Looks = list[float]


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
    pauses = poll_delays(expected)
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
    lately = Estimate()
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


def test_what_several_looks_tell_at_the_same_time_is_put_together() -> None:
    lately = Estimate()
    lately.note(1.0, 2.1)
    lately.note(2.0, 3.0)
    assert lately.expected == pytest.approx(2.05)
    lately.note(0.0, 2.08)
    assert lately.expected == pytest.approx(2.04)


@given(st.floats(0.5, 20), st.floats(0.97, 1.03))
def test_what_an_earlier_run_found_is_where_looks_begin(seconds: float, now: float) -> None:
    lately = Estimate.about(seconds)
    assert lately.expected == pytest.approx(seconds)
    for _ in range(8):
        look = lately.expected
        assert look is not None
        if look >= seconds * now:
            lately.note(0.0, look)
        else:
            lately.note(look, look * 1.02)
    assert lately.expected == pytest.approx(seconds * now, rel=0.03)


def test_what_was_otherwise_the_last_time_counts_no_more() -> None:
    lately = Estimate()
    lately.note(1.0, 2.0)
    lately.note(5.0, 6.0)
    assert lately.expected == pytest.approx(5.5)
    lately.note(0.0, 3.0)
    assert lately.expected == pytest.approx(1.5)


# --- by what is done ------------------------------------------------------------------------------


def looked_at(clock: list[float], seconds: float, told: Callable[[float], float | None]) -> Looks:
    """Seconds from the beginning at which an operation is looked at, up to the first after its end.

    `told` gives the projection from the time of the look before.
    """
    begun = clock[0]
    pauses = poll_delays(None, lambda: told(clock[0] - begun))
    found: Looks = []
    while not found or found[-1] < seconds:
        clock[0] += next(pauses)
        found.append(clock[0] - begun)
    return found


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (2.0, [3.0]),
        (5.0, [3.0, 5.05]),
        (6.0, [3.0, 4.525, 6.05]),
        (8.0, [3.0, 5.525, 8.05]),
        (15.0, [3.0, 5.41, 10.23, 15.05]),
    ],
)
def test_what_goes_on_evenly_is_looked_at_when_it_should_be_done(
    clock: list[float], seconds: float, expected: list[float]
) -> None:
    assert looked_at(clock, seconds, lambda _: seconds) == pytest.approx(expected)


def test_while_nothing_is_done_it_is_looked_at_as_if_nothing_could_tell(
    clock: list[float],
) -> None:
    found = looked_at(clock, 300.0, lambda _: None)
    gaps = [later - earlier for earlier, later in pairwise(found)]
    assert found[0] == pytest.approx(3.0)
    assert gaps[0] == pytest.approx(1.0, rel=0.1)
    assert gaps[-1] == pytest.approx(5.0, rel=0.1)


def test_what_takes_longer_at_its_end_is_looked_at_by_a_share_of_what_has_gone_by(
    clock: list[float],
) -> None:
    """A distribution: all but one of the resources are there within seconds."""
    found = looked_at(clock, 240.0, lambda _: 12.0)
    late = [pair for pair in pairwise(found) if pair[0] > 12.0]
    assert late[-1][1] > 200.0
    assert all(then - now <= max(1.0, now * 0.06) * 1.1 + 1e-9 for now, then in late)


def test_a_projection_that_keeps_being_just_ahead_is_no_reason_to_hurry(
    clock: list[float],
) -> None:
    found = looked_at(clock, 60.0, lambda gone: gone + 0.01)
    assert found[-1] > 50.0
    assert all(then - now >= 1.0 - 1e-9 for now, then in pairwise(found))


def test_what_is_known_counts_more_than_what_is_projected(clock: list[float]) -> None:
    assert next(poll_delays(8.0, lambda: pytest.fail("not asked"))) == pytest.approx(8.05)
    assert clock[0] == 100.0


@given(
    seconds=st.floats(0, 4000),
    told=st.lists(st.none() | st.floats(0, 1e9), min_size=1, max_size=50),
)
def test_no_projection_leads_to_a_pause_beyond_its_bounds(
    seconds: float, told: list[float | None]
) -> None:
    clock = [100.0]
    answers = cycle(told)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tapgen.aws.polling.time.monotonic", lambda: clock[0])
        found = looked_at(clock, seconds, lambda _: next(answers))
    assert found[0] == pytest.approx(3.0)
    for now, then in pairwise(found):
        assert 0.9 - 1e-9 <= then - now <= min(now * 1.1, 5.0 * 1.1) + 1e-9
