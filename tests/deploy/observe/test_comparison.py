from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.aws.readers.values import SECRET, AtLeast, Whole
from tapgen.deploy.observe.comparison import compare
from tapgen.model.templates.intrinsics import Unknown

# What a dynamic reference stands for is not known, so nothing that holds one is as it was declared.
text = st.text().filter(lambda text: "{{resolve:" not in text)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)


def verdict(declared: Any, actual: Any) -> bool | None:
    oks = [compared.ok for compared in compare("P", declared, actual)]
    if False in oks:
        return False
    return None if None in oks else True


def paths(declared: Any, actual: Any, ok: bool | None) -> list[str]:
    return [compared.path for compared in compare("P", declared, actual) if compared.ok is ok]


def differing(declared: Any, actual: Any) -> list[tuple[str, Any, Any]]:
    found = compare("P", declared, actual)
    return [(one.path, one.declared, one.actual) for one in found if one.ok is False]


@pytest.mark.parametrize(
    ("declared", "actual"),
    [
        ("5", 5),
        ("80", 80.0),
        (0.5, 0.5),
        ("true", True),
        (False, False),
        (None, ""),
        ([], None),
        (None, []),
        ({}, {}),
        ("a", ["a"]),
        (["a"], "a"),
        (["a", "b"], ["b", "a"]),
        ({"A": 1}, {"A": 1, "B": 2}),
        ('{"A": {"B": 1}}', {"A": {"B": 1}}),
        ([{"X": 1}, {"X": 2}], [{"X": 2, "Y": 0}, {"X": 1}]),
        ([{"Name": "a"}, {"Name": "b"}], [{"Name": "b", "V": 2}, {"Name": "a"}]),
        ({"Action": ["a"]}, Whole({"Action": "a"})),
        ("5", AtLeast(5)),
        ("5", AtLeast(50)),
        ('{"A": [1, 2]}', '{"A":[2,1]}'),
    ],
)  # fmt: skip
def test_what_aws_takes_for_the_same_is_the_same(declared: Any, actual: Any) -> None:
    assert verdict(declared, actual) is True


@pytest.mark.parametrize(
    ("declared", "actual", "path"),
    [
        ("5", 6, "P"),
        ("5", None, "P"),
        (None, "x", "P"),
        ({}, None, "P"),
        (None, {"A": 1}, "P"),
        ({"A": {"B": 1}}, {"A": {"B": 2}}, "P/A/B"),
        ({"A": {"B": 1}}, None, "P/A/B"),
        ({"A": 1}, "text", "P/A"),
        (["a", "a"], ["a"], "P/1"),
        (["a"], ["a", "b"], "P/1"),
        ("text", {"A": 1}, "P/"),
        ("[1]", {"A": 1}, "P/"),
        ([{"Id": "a", "V": 1}], [{"Id": "a", "V": 2}], "P/a/V"),
        ([{"Id": "a", "V": 1}], [], "P/a"),
        ([], [{"Id": "a", "V": 1}], "P/a"),
        ([{"Id": "a"}, {"Id": "a"}], [{"Id": "a"}], "P/1"),
        ({"A": 1}, Whole({"A": 1, "B": 2}), "P/B"),
        ({}, Whole({"B": 2}), "P/B"),
        ([{"A": 1}], Whole([{"A": 1, "B": 2}]), "P/0/B"),
        ("5", AtLeast(4), "P"),
        (None, AtLeast(4), "P"),
        ('{"A": [1, 2]}', '{"A":[2,3]}', "P/A/0"),
        ('{"A": 1}', "[1]", "P"),
    ],
)  # fmt: skip
def test_what_differs_is_named_by_its_path(declared: Any, actual: Any, path: str) -> None:
    assert verdict(declared, actual) is False
    assert path in paths(declared, actual, ok=False)


@pytest.mark.parametrize(
    ("declared", "actual"),
    [
        (Unknown("Vpc.Arn"), "arn"),
        ({"A": Unknown("x")}, {"A": 1}),
        ([Unknown("x")], ["anything"]),
        ("{{resolve:secretsmanager:x}}", "the secret"),
        ("header", SECRET),
    ],
)
def test_what_cannot_be_known_is_neither_right_nor_wrong(declared: Any, actual: Any) -> None:
    assert verdict(declared, actual) is None


def test_an_unknown_item_does_not_excuse_a_missing_one() -> None:
    assert verdict([Unknown("x"), "b"], ["a"]) is False


def test_a_secret_reads_as_not_read() -> None:
    assert str(SECRET) == "(a secret, not read)"


@given(json_values)
def test_everything_is_as_itself(value: Any) -> None:
    assert verdict(value, value) is True
    assert verdict(value, Whole(value)) is True


@given(st.dictionaries(text.filter(bool), json_values, min_size=1, max_size=4))
def test_json_text_is_its_document(document: dict[str, Any]) -> None:
    assert verdict(json.dumps(document), document) is True


@given(st.lists(st.integers(), min_size=1), st.randoms())
def test_order_never_counts_but_number_does(items: list[int], random: Any) -> None:
    shuffled = random.sample(items, len(items))
    assert verdict(items, shuffled) is True
    assert verdict(items, shuffled[1:]) is False


def test_what_is_over_or_missing_is_told_by_itself() -> None:
    rule, other = {"Port": 443, "From": "a"}, {"Port": 80, "From": "b"}
    assert differing([rule], [{"Port": 22}, rule]) == [("P/0", None, {"Port": 22})]
    assert differing([rule, other], [rule]) == [("P/1", other, None)]
    assert differing([rule, other], [{"Port": 22, "From": "a"}, other]) == [("P/0/Port", 443, 22)]
    assert differing(["a"], ["b"]) == [("P/0", "a", None), ("P/0", None, "b")]


def test_no_mark_of_a_reader_is_left_in_what_is_told() -> None:
    policy = {"PolicyName": "byHand", "PolicyDocument": Whole({"Statement": [{"Sid": "A"}]})}
    plain = {"PolicyName": "byHand", "PolicyDocument": {"Statement": [{"Sid": "A"}]}}
    assert differing([], [policy]) == [("P/byHand", None, plain)]
    assert differing(None, policy) == [("P", None, plain)]
    assert differing({}, Whole({"A": [AtLeast(5)]})) == [("P/A", None, [5])]
    assert differing([{"A": 1}, {"A": 2}], [{"B": AtLeast(5)}]) == [
        ("P/0", {"A": 1}, None),
        ("P/1", {"A": 2}, None),
        ("P/0", None, {"B": 5}),
    ]


def test_what_may_be_the_secret_is_told_with_the_reference_to_it_only() -> None:
    declared = [{"Value": "{{resolve:secretsmanager:x}}", "Of": "a"}]
    actual = [{"Value": "the secret", "Of": "b"}]
    assert differing(declared, actual) == [("P", declared, actual)]
