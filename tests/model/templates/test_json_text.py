import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tapgen.model.templates.json_text import document_in, has_names, pretty

_KEYS = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=12)
_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | _KEYS,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(_KEYS, inner, max_size=6),
    max_leaves=60,
)


@given(_VALUES)
def test_the_text_is_json_of_the_same_value(value: Any) -> None:
    text = pretty(value)
    assert json.loads(text) == value
    assert text.endswith("\n")


@given(_VALUES)
def test_the_order_of_keys_does_not_matter(value: Any) -> None:
    shuffled = json.loads(json.dumps(value), object_pairs_hook=lambda pairs: dict(pairs[::-1]))
    assert pretty(shuffled) == pretty(value)


def test_what_fits_a_line_stands_on_one() -> None:
    value = {"Name": {"Ref": "Prefix"}, "Values": ["x" * 50, "y" * 50], "Empty": {}}
    assert pretty(value).splitlines() == [
        "{",
        '  "Empty": {},',
        '  "Name": {"Ref": "Prefix"},',
        '  "Values": [',
        f'    "{"x" * 50}",',
        f'    "{"y" * 50}"',
        "  ]",
        "}",
    ]


def test_an_object_is_known_by_its_names() -> None:
    assert has_names('{"a": 1, "b": 2, "c": 3}', "a", "b")
    assert not any(has_names(text, "a", "b") for text in ('{"a": 1}', "[]", "no json"))


def test_only_mappings_and_lists_are_documents() -> None:
    assert document_in(' {"a": 1}') == {"a": 1}
    assert document_in("[1]") == [1]
    for text in ("", "1", '"a"', "{a", "{Key.Arn}", "[" * 100_000):
        assert document_in(text) is None
