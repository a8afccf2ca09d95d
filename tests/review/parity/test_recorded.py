"""What was heard, in a file: it comes back as it was, or not at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.errors import RefusedError, UsageError
from tapgen.review.parity.behaviour import Behaviour, Latency
from tapgen.review.parity.recorded import (
    Recorded,
    _digest,
    is_record,
    read_record,
    written,
)

AGAIN = "tapgen parity --live --env dev --record r.json"
BEHAVIOURS = st.builds(
    Behaviour,
    st.dictionaries(st.text(), st.none() | st.dictionaries(st.text(), st.text())),
    st.dictionaries(st.text(), st.builds(Latency, *[st.integers(0, 9999)] * 4)),
)
ONE = Recorded(
    "payments",
    False,
    {"dev": Behaviour({"GET x": {"status": "200"}, "GET y": None}, {"GET x": Latency(1, 2, 3, 5)})},
)


def back(text: str, platform: str = "payments") -> Recorded:
    return read_record(text, "r.json", platform, AGAIN)


@given(st.dictionaries(st.text(), BEHAVIOURS, max_size=3), st.booleans())
def test_a_record_comes_back_as_it_was(environments: dict[str, Behaviour], writes: bool) -> None:
    record = Recorded("payments", writes, environments)
    text = written(record)
    assert back(text) == record
    assert written(back(text)) == text
    assert is_record(text)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kind": "other"}', "[" * 9999, "name: dev"])
def test_what_is_no_record_is_refused(text: str) -> None:
    assert not is_record(text)
    with pytest.raises(RefusedError, match=r"r\.json is not a record of a conversation"):
        back(text)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('"format": 1', '"format": 2', "has the format 2; this tapgen reads format 1"),
        ('"200"', '"201"', "was edited after it was written"),
        ('"dev"', '"prod"', "was edited after it was written"),
    ],
)
def test_an_edited_or_another_record_is_refused(old: str, new: str, why: str) -> None:
    text = written(ONE)
    assert old in text
    with pytest.raises(RefusedError, match=why) as told:
        back(text.replace(old, new))
    assert f"`{AGAIN}`" in told.value.hint


def test_a_record_of_another_platform_is_refused() -> None:
    with pytest.raises(RefusedError, match="is of the platform payments, but this is other"):
        back(written(ONE), "other")


@pytest.mark.parametrize(
    "change",
    [
        {"environments": []},
        {"environments": {"dev": None}},
        {"environments": {"dev": {"exchanges": {"x": 1}, "latency_ms": {}}}},
        {"environments": {"dev": {"exchanges": {}, "latency_ms": {"x": {"p50": "a"}}}}},
        {"environments": {"dev": {"exchanges": {}, "latency_ms": {"x": {"p1": 1}}}}},
    ],
)
def test_a_digest_that_somebody_else_has_made_breaks_nothing(change: Any) -> None:
    document = {**json.loads(written(ONE)), **change}
    forged = json.dumps({**document, "digest": _digest(document)})
    with pytest.raises(RefusedError, match="is not a record"):
        back(forged)


def test_an_environment_is_found_by_name_or_because_there_is_one() -> None:
    (dev,) = ONE.environments.values()
    assert ONE.of("dev") == ("dev", dev)
    assert ONE.of("prod") == ("dev", dev)
    two = Recorded("payments", False, {"dev": dev, "staging": dev})
    assert two.of("staging") == ("staging", dev)
    with pytest.raises(UsageError, match="the record does not have prod, only dev, staging"):
        two.of("prod")
