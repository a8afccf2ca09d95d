from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.model.changes.differences import ABSENT, Order, ValueDifference, differences
from tapgen.model.templates.intrinsics import Unknown
from tapgen.model.templates.paths import NAMES

NAMED = st.sampled_from(["Key", "Value", "a"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["a", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMED, inner, max_size=3),
    max_leaves=8,
)
MEMBERS = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 2), max_size=4)


def same(a: Any, b: Any) -> bool:
    """Equal, and true is not 1."""
    return repr(_sorted(a)) == repr(_sorted(b))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    if not isinstance(value, list):
        return value
    members = [_sorted(member) for member in value]
    return sorted(members, key=lambda member: member["Key"]) if keyed(value) else members


def keyed(members: list[Any]) -> bool:
    keys = [member.get("Key") if isinstance(member, dict) else None for member in members]
    return all(isinstance(key, str) for key in keys) and len(set(keys)) == len(keys)


def applied(before: Any, found: list[ValueDifference]) -> Any:
    """What the differences make of `before`: what has gone goes, what came stands at its place."""
    if not found or found[0].path == "":
        return found[0].after if found else before
    parts: dict[str, list[ValueDifference]] = {}
    for one in found:
        step, _, rest = one.path.partition("/")
        parts.setdefault(step, []).append(ValueDifference(rest, one.before, one.after))
    gone = {step for step, ones in parts.items() if any(each.after is ABSENT for each in ones)}
    gone = {step for step in gone if any(each.path == "" for each in parts[step])}
    changed = {
        step: [each for each in ones if not (each.path == "" and each.after is ABSENT)]
        for step, ones in parts.items()
    }
    if isinstance(before, dict):
        made = {name: value for name, value in before.items() if name not in gone}
        for step, ones in changed.items():
            if ones:
                made[step] = applied(made.get(step, ABSENT), ones)
        return made
    if keyed(before) and all(not step.isdigit() for step in parts):
        named = applied({member["Key"]: member for member in before}, found)
        return list(named.values())
    left = [member for place, member in enumerate(before) if str(place) not in gone]
    came = {s: ones for s, ones in changed.items() if ones and ones[0].before is ABSENT}
    came = {step: ones for step, ones in came.items() if ones[0].path == ""}
    for step in sorted(came, key=int):
        left.insert(int(step), came[step][0].after)
    for step in changed.keys() - came.keys():
        if changed[step]:
            left[int(step)] = applied(left[int(step)], changed[step])
    return left


@given(values, values)
def test_the_differences_lead_from_before_to_after(before: Any, after: Any) -> None:
    assert same(applied(before, list(differences(before, after))), after)


@given(st.lists(st.integers(0, 3)), st.lists(st.integers(0, 3)))
def test_of_a_set_only_what_came_and_has_gone_is_told(before: list[int], after: list[int]) -> None:
    found = list(differences(before, after, is_set=lambda _: True))
    gone = [one.before for one in found if one.after is ABSENT]
    came = [one.after for one in found if one.before is ABSENT]
    assert len(gone) + len(came) == len(found)
    assert sorted(before + came) == sorted(after + gone)
    assert not set(came) & set(gone)


@given(MEMBERS, MEMBERS, st.sampled_from(NAMES))
def test_members_are_matched_by_what_names_them(
    before: dict[str, int], after: dict[str, int], name: str
) -> None:
    old, new = ([{name: k, "v": v} for k, v in side.items()] for side in (before, after))
    found = {one.path: one for one in differences(old, new)}
    order = found.pop("", None)
    assert order is None or isinstance(order.after, Order)
    for key in before.keys() | after.keys():
        one = found.pop(key, None) or found.pop(f"{key}/v", None)
        assert (one is None) is (before.get(key) == after.get(key))
    assert found == {}


@given(values)
def test_a_value_does_not_differ_from_itself(value: Any) -> None:
    assert list(differences(value, value)) == []


@given(values, values)
def test_what_differs_is_found_and_nothing_else(before: Any, after: Any) -> None:
    found = list(differences(before, after))
    assert bool(found) is not same(before, after)
    assert bool(list(differences(after, before))) is bool(found)


STAGES = [{"Name": "Source"}, {"Name": "Build"}]


def statement(*actions: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": [*actions]}


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
        ([1], [1, 2], [("1", ABSENT, 2)]),
        ([1, 2, 3], [2, 3], [("0", 1, ABSENT)]),
        ([1, 2], [3], [("0", 1, ABSENT), ("1", 2, ABSENT), ("0", ABSENT, 3)]),
        ({"A": []}, {"A": {}}, [("A", [], {})]),
        ([tag("a", "1"), tag("b", "2")], [tag("b", "3"), tag("a", "1")], [("b/Value", "2", "3")]),
        ([tag("a", "1")], [tag("a", "1"), tag("b", "2")], [("b", ABSENT, tag("b", "2"))]),
        (
            [tag("a", "1"), tag("a", "2")],
            [tag("a", "2")],
            [("0", tag("a", "1"), ABSENT)],
        ),
        # One member for another of a set: it has changed. Two for one: they came and went.
        ([{"a": 1, "b": 2}], [{"a": 1, "b": 3}], [("0/b", 2, 3)]),
        (STAGES, [*STAGES[::-1]], [("", Order(["Source", "Build"]), Order(["Build", "Source"]))]),
        (
            STAGES,
            [STAGES[0], {"Name": "Test"}, STAGES[1]],
            [
                ("Test", ABSENT, {"Name": "Test"}),
                ("", Order(["Source", "Build"]), Order(["Source", "Test", "Build"])),
            ],
        ),
        (STAGES, [*STAGES, {"Name": "Test"}], [("Test", ABSENT, {"Name": "Test"})]),
        # Text that holds JSON.
        ('{"a": [1], "b": 2}', '{"b":3,"a":[1]}', [("b", 2, 3)]),
        ('{"a": 1}', '{"a":1}', [("", '{"a": 1}', '{"a":1}')]),
        ('{"a": 1}', "[1]", [("", '{"a": 1}', "[1]")]),
        ("{a", "{b", [("", "{a", "{b")]),
        ("1", "2", [("", "1", "2")]),
        (
            Unknown('{"a": "{x.Arn}"}'),
            Unknown('{"a": "{new x.Arn}"}'),
            [("a", "{x.Arn}", "{new x.Arn}")],
        ),
        (Unknown('{"a": 1}'), '{"a": 2}', [("a", 1, 2)]),
        # What an IAM statement lists is a set, and so are statements.
        ([statement("a", "b")], [statement("b", "a")], []),
        ([statement("a"), statement("b")], [statement("b"), statement("a")], []),
        (
            [statement("a", "b")],
            [statement("b", "c")],
            [("0/Action/0", "a", ABSENT), ("0/Action/1", ABSENT, "c")],
        ),
    ],
)
def test_the_smallest_part_is_named(
    before: Any, after: Any, found: list[tuple[str, Any, Any]]
) -> None:
    assert list(differences(before, after)) == [ValueDifference(*each) for each in found]


def test_what_is_absent_says_so() -> None:
    assert repr(ABSENT) == "(absent)"


def test_a_list_that_somebody_says_is_a_set_may_stand_in_any_order() -> None:
    asked = []

    def is_set(path: str) -> bool:
        asked.append(path)
        return path == "Rules"

    assert list(differences({"Rules": [1, 2]}, {"Rules": [2, 1]}, is_set=is_set)) == []
    assert list(differences({"Rules": [*STAGES]}, {"Rules": STAGES[::-1]}, is_set=is_set)) == []
    assert list(differences({"Other": [1, 2]}, {"Other": [2, 1]}, is_set=is_set))
    assert set(asked) == {"Rules", "Other"}
