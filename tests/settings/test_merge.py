"""The laws of laying one file over another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tapgen.payments.platform import PLATFORM
from tapgen.settings.faults import Source
from tapgen.settings.fields import fields
from tapgen.settings.parsing.document import Written, merge

SETTINGS = sorted(fields(PLATFORM))


@st.composite
def layers(draw: st.DrawFn, path: str = "") -> dict[str, Written]:
    """One file's settings; where each stands tells which file it was."""
    name = path or draw(st.sampled_from(["one", "two", "three"]))
    settings = draw(st.dictionaries(st.sampled_from(SETTINGS), st.none() | st.integers()))
    return {
        setting: Written(value, Source(name, line + 1))
        for line, (setting, value) in enumerate(settings.items())
    }


@given(layers())
def test_merging_with_nothing_changes_nothing(one: dict[str, Written]) -> None:
    assert merge(one, {}) == merge({}, one) == one


@given(layers(), layers(), layers())
def test_merging_is_associative(
    one: dict[str, Written], two: dict[str, Written], three: dict[str, Written]
) -> None:
    assert merge(merge(one, two), three) == merge(one, merge(two, three))


@given(layers(path="common"), layers(path="environment"))
def test_the_environment_wins_and_every_source_is_the_winning_file(
    common: dict[str, Written], environment: dict[str, Written]
) -> None:
    merged = merge(common, environment)
    assert set(merged) == set(common) | set(environment)
    for setting, written in merged.items():
        winner = environment if setting in environment else common
        assert written == winner[setting]
        assert written.source.path == ("environment" if winner is environment else "common")
