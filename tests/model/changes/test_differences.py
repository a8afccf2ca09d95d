from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.model.changes.differences import ABSENT, ValueDifference, differences

NAMES = st.sampled_from(["Key", "Value", "a"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "a", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


def same(a: Any, b: Any) -> bool:
    """Equal, and true is not 1."""
    return repr(_sorted(a)) == repr(_sorted(b))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    if not isinstance(value, list):
        return value
    keys = [member.get("Key") if isinstance(member, dict) else None for member in value]
    members = [_sorted(member) for member in value]
    tags = all(isinstance(key, str) for key in keys) and len(set(keys)) == len(keys)
    return sorted(members, key=lambda member: member["Key"]) if tags else members


@given(values)
def test_a_value_does_not_differ_from_itself(value: Any) -> None:
    assert list(differences(value, value)) == []


@given(values, values)
def test_what_differs_is_found_and_nothing_else(before: Any, after: Any) -> None:
    found = list(differences(before, after))
    assert bool(found) is not same(before, after)
    assert [(d.path, d.after, d.before) for d in differences(after, before)] == [
        (d.path, d.before, d.after) for d in found
    ]


def tag(key: str, value: str) -> dict[str, str]:
    return {"Key": key, "Value": value}


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (1, 2, [("", 1, 2)]),
        (1, True, [("", 1, True)]),
        ({"A": {"B": 1, "C": 2}}, {"A": {"B": 1, "C": 3}}, [("A/C", 2, 3)]),
        ({"A": True}, {"A": 1}, [("A", True, 1)]),
        ({"A": 1}, {"B": None}, [("A", 1, ABSENT), ("B", ABSENT, None)]),
        ([1, {"A": 1}], [1, {"A": 2}], [("1/A", 1, 2)]),
        ([1], [1, 2], [("", [1], [1, 2])]),
        ({"A": []}, {"A": {}}, [("A", [], {})]),
        ([tag("a", "1"), tag("b", "2")], [tag("b", "3"), tag("a", "1")], [("b/Value", "2", "3")]),
        ([tag("a", "1")], [tag("a", "1"), tag("b", "2")], [("b", ABSENT, tag("b", "2"))]),
        (
            [tag("a", "1"), tag("a", "2")],
            [tag("a", "2")],
            [("", [tag("a", "1"), tag("a", "2")], [tag("a", "2")])],
        ),
    ],
)
def test_the_smallest_part_is_named(
    before: Any, after: Any, found: list[tuple[str, Any, Any]]
) -> None:
    assert list(differences(before, after)) == [ValueDifference(*each) for each in found]


def test_what_is_absent_says_so() -> None:
    assert repr(ABSENT) == "(absent)"
