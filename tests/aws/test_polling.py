"""Asking again until something is so."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.aws.polling import intervals, until
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
    assert until(lambda: next(answers), what="it", seconds=5) == "late"


def test_the_deadline_says_what_did_not_end() -> None:
    with pytest.raises(TapgenError, match="the change set did not end within 0 s") as raised:
        until(lambda: None, what="the change set", seconds=0.1)
    assert "attaches to what is in progress" in raised.value.hint
