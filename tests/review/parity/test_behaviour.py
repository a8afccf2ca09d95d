"""Comparing what environments say: nothing is found in what is the same, and each change once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tapgen.review.parity.behaviour import (
    CONNECTION,
    Behaviour,
    Difference,
    Latency,
    MayDiffer,
    Traits,
    compare,
)
from tapgen.review.parity.traits import of_body, of_headers

JSON = {"content-type": "application/json"}
PROBLEM = {"content-type": "application/problem+json"}
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
KEYS = st.text(max_size=5)
OBJECTS = st.recursive(
    st.dictionaries(KEYS, LEAVES, min_size=1, max_size=4),
    lambda inner: st.dictionaries(KEYS, inner | LEAVES, min_size=1, max_size=3),
    max_leaves=8,
)
BODIES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)
HEADERS = st.dictionaries(
    st.sampled_from(["cache-control", "server", "vary", "x-frame-options", "x-own"]),
    st.sampled_from(["no-store", "nginx/1.2", "a, b", "7"]),
)
NAMES = st.text(min_size=1, max_size=6).filter(lambda name: name != CONNECTION)


def traits(body: Any, headers: Mapping[str, str], status: int) -> Traits:
    told = {**JSON, **headers}
    return {
        "status": str(status),
        **dict(of_headers(told, "")),
        **dict(of_body(body, told)),
    }


ANSWERS = st.builds(traits, OBJECTS, HEADERS, st.sampled_from([200, 201, 404]))
BEHAVIOURS = st.builds(Behaviour, st.dictionaries(NAMES, st.none() | ANSWERS, max_size=4))


def differences(one: Traits | None, other: Traits | None) -> list[tuple[str, Any, Any]]:
    heard = {"a": Behaviour({"x": one}), "b": Behaviour({"x": other})}
    return [(d.trait, d.values["a"], d.values["b"]) for d in compare(heard).differences]


@given(BEHAVIOURS)
def test_what_is_the_same_has_no_differences(found: Behaviour) -> None:
    compared = compare({"a": found, "b": found, "c": found})
    assert compared.holds
    assert compared.differences == ()
    assert compared.unheard == {}
    assert set(compared.exchanges) == found.exchanges.keys()


@given(BODIES)
def test_values_of_a_body_are_its_own(body: Any) -> None:
    def others(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: others(one) for name, one in value.items()}
        if isinstance(value, list):
            return [others(one) for one in value]
        if isinstance(value, bool):
            return not value
        return type(value)(7) if isinstance(value, int | float | str) else value

    assert differences(traits(body, {}, 200), traits(others(body), {}, 200)) == []


@given(ANSWERS, st.sampled_from([204, 500]))
def test_another_status_is_found_once(answer: Traits, status: int) -> None:
    other = {**answer, "status": str(status)}
    assert differences(answer, other) == [("status", answer["status"], str(status))]


@given(ANSWERS, st.sampled_from(["no-transform", None]))
def test_another_header_is_found_once(answer: Traits, value: str | None) -> None:
    name = "header cache-control"
    assume(answer.get(name) is not value)
    other = {key: one for key, one in answer.items() if key != name}
    if value:
        other[name] = value
    assert differences(answer, other) == [(name, answer.get(name), value)]


def places(body: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, value in body.items():
        yield (*above, name)
        if isinstance(value, dict):
            yield from places(value, (*above, name))


def planted(body: dict[str, Any], place: tuple[str, ...], how: Callable[[Any, str], None]) -> Any:
    changed = deepcopy(body)
    holder = changed
    for name in place[:-1]:
        holder = holder[name]
    how(holder, place[-1])
    return changed


def remove(holder: Any, name: str) -> None:
    del holder[name]


def retype(holder: Any, name: str) -> None:
    holder[name] = "text" if isinstance(holder[name], list | dict) else [holder[name]]


def rename(holder: Any, name: str) -> None:
    holder[f"{name} of late"] = holder.pop(name)


@given(OBJECTS, st.data(), st.sampled_from([remove, retype]))
def test_another_part_of_a_body_is_found_once(
    body: dict[str, Any], data: st.DataObject, how: Callable[[Any, str], None]
) -> None:
    place = data.draw(st.sampled_from([*places(body)]))
    found = differences(traits(body, {}, 200), traits(planted(body, place, how), {}, 200))
    spelled = [p.replace("~", "~0").replace("/", "~1").replace("*", "~2") for p in place]
    assert [trait for trait, _, _ in found] == ["/".join(["body", *spelled])]


@given(OBJECTS, st.data())
def test_another_name_is_one_that_went_and_one_that_came(
    body: dict[str, Any], data: st.DataObject
) -> None:
    place = data.draw(st.sampled_from([*places(body)]))
    assume(not any(name.endswith("of late") for name in place))
    found = differences(traits(body, {}, 200), traits(planted(body, place, rename), {}, 200))
    assert sorted((one is None, other is None) for _, one, other in found) == [
        (False, True),
        (True, False),
    ]


def test_an_empty_list_says_nothing_of_its_members() -> None:
    full = traits({"items": [{"id": "1"}, {"id": 2, "more": None}]}, {}, 200)
    assert differences(full, traits({"items": []}, {}, 200)) == []
    assert differences(full, traits({"items": None}, {}, 200)) == [("body/items", "array", "null")]
    other = traits({"items": [{"id": "1"}]}, {}, 200)
    assert differences(full, other) == [
        ("body/items/*/id", "integer or string", "string"),
        ("body/items/*/more", "null", None),
    ]


def test_the_status_comes_first_and_the_body_last() -> None:
    one = traits({"type": "a", "title": "x"}, {**PROBLEM, "server": "a"}, 400)
    other = traits({"type": "b", "title": 1}, {**PROBLEM, "server": "b"}, 404)
    assert [trait for trait, _, _ in differences(one, other)] == [
        "status",
        "problem type",
        "header server",
        "body/title",
    ]


@given(OBJECTS, st.sampled_from(["application/json", "text/plain", None]))
def test_a_problem_document_that_says_it_is_none_is_found_once(
    body: dict[str, Any], content_type: str | None
) -> None:
    one = traits(body, PROBLEM, 404)
    other = dict(of_body(body, {"content-type": str(content_type)})) | {"status": "404"}
    if content_type:
        other["header content-type"] = content_type
    told = [("header content-type", "application/problem+json", content_type)]
    assert differences(one, other) == told


def test_what_cannot_be_asked_in_one_environment_is_a_difference() -> None:
    assert differences({"status": "200"}, None) == [("asked", "yes", "no")]
    assert differences(None, None) == []


def test_several_environments_are_told_together_and_who_cannot_tell_is_left_out() -> None:
    bodies = {"a": {"x": {"y": 1}}, "b": {"x": {"y": "1"}}, "c": {"x": None}}
    heard = {e: Behaviour({"GET x": traits(body, {}, 200)}) for e, body in bodies.items()}
    assert compare(heard).differences == (
        Difference("GET x", "body/x", {"a": "object", "b": "object", "c": "null"}),
        Difference("GET x", "body/x/y", {"a": "integer", "b": "string"}),
    )


def test_what_was_not_asked_everywhere_is_told_and_not_compared() -> None:
    answer = {"status": "200"}
    more = Behaviour({CONNECTION: {"protocol": "https"}, "GET x": answer, "POST x": answer})
    less = Behaviour({CONNECTION: {"protocol": "https"}, "GET x": answer})
    compared = compare({"now": less, "then": more})
    assert compared.holds
    assert compared.exchanges == ("GET x",)
    assert compared.unheard == {"POST x": ("then",)}


SERVER = MayDiffer("header server", "behind another proxy")


def heard(**answers: Mapping[str, str]) -> dict[str, Behaviour]:
    return {name: Behaviour({"GET x": one, "GET y": one}) for name, one in answers.items()}


def test_what_may_differ_is_told_with_its_reason() -> None:
    compared = compare(heard(a={"header server": "x"}, b={"header server": "y"}), (SERVER,))
    assert compared.holds
    assert {one.why for one in compared.differences} == {"behind another proxy"}
    only = MayDiffer("header *", "behind another proxy", exchange="GET x")
    compared = compare(heard(a={"header server": "x"}, b={"header server": "y"}), (only,))
    assert [one.exchange for one in compared.forbidden] == ["GET y"]


@pytest.mark.parametrize(
    ("what", "trait", "covered"),
    [
        ("body/region", "body/region", True),
        ("body/region", "body/region/name", True),
        ("body/region", "body/regions", False),
        ("body/*/id", "body/items/id", True),
        ("status", "status", True),
        ("header [x]", "header x", False),
    ],
)
def test_a_declaration_covers_what_it_names_and_what_is_below(
    what: str, trait: str, covered: bool
) -> None:
    assert MayDiffer(what, "why").covers("GET x", trait) is covered


def test_a_declaration_that_matches_nothing_is_told_where_it_could() -> None:
    elsewhere = MayDiffer("status", "not asked now", exchange="POST *")
    both = (SERVER, elsewhere)
    environments = heard(a={"status": "200"}, b={"status": "200"})
    assert compare(environments, both).idle == (SERVER,)
    # All was asked, so what it is about is no exchange.
    assert compare(environments, both, whole=True).idle == both
    environments["a"] = Behaviour({**environments["a"].exchanges, "POST x": None})
    assert compare(environments, both, whole=True).idle == (SERVER,)


def test_latency_is_told_by_nearest_rank() -> None:
    assert Latency.of(tuple(n / 1000 for n in range(1, 101))) == Latency(50, 90, 99, 100)
    assert Latency.of((0.0104,)) == Latency(10, 10, 10, 1)
    assert Latency.of((0.3, 0.1, 0.2)) == Latency(200, 300, 300, 3)
    fast = Behaviour({"x": {}, "y": {}}, {"x": Latency(1, 2, 3, 5)})
    slow = Behaviour({"x": {}, "y": {}}, {"x": Latency(9, 9, 9, 5), "z": Latency(1, 1, 1, 1)})
    compared = compare({"a": fast, "b": slow})
    assert compared.holds
    assert compared.latency == {"x": {"a": Latency(1, 2, 3, 5), "b": Latency(9, 9, 9, 5)}}
