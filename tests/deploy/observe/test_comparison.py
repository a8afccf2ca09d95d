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
        ({"A": {"B": 1}}, {"A": {"B": 2}}, "P.A.B"),
        ({"A": {"B": 1}}, None, "P.A.B"),
        ({"A": 1}, "text", "P.A"),
        (["a", "a"], ["a"], "P"),
        (["a"], ["a", "b"], "P"),
        ("text", {"A": 1}, "P."),
        ("[1]", {"A": 1}, "P."),
        ([{"Id": "a", "V": 1}], [{"Id": "a", "V": 2}], "P[a].V"),
        ([{"Id": "a", "V": 1}], [], "P[a]"),
        ([], [{"Id": "a", "V": 1}], "P[a]"),
        ([{"Id": "a"}, {"Id": "a"}], [{"Id": "a"}], "P"),
        ({"A": 1}, Whole({"A": 1, "B": 2}), "P.B"),
        ({}, Whole({"B": 2}), "P.B"),
        ([{"A": 1}], Whole([{"A": 1, "B": 2}]), "P"),
        ("5", AtLeast(4), "P"),
        (None, AtLeast(4), "P"),
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
