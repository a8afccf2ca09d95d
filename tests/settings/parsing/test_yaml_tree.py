from __future__ import annotations

import pytest
import yaml

from tapgen.settings.faults import EnvironmentFaults, Source
from tapgen.settings.parsing import yaml_tree
from tapgen.settings.parsing.yaml_tree import SETTINGS, Listing, Mapping, Scalar, parse


@pytest.fixture(params=["libyaml", "python"], autouse=True)
def _either_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML comes with or without libyaml; both must say the same."""
    if request.param == "python":
        monkeypatch.setattr(yaml_tree, "LOADER", yaml.SafeLoader)


def refusal(content: str | bytes) -> str:
    if isinstance(content, str):
        content = content.encode()
    with pytest.raises(EnvironmentFaults) as caught:
        parse(content, "envs/qa.yaml")
    return caught.value.message


def test_every_node_knows_its_place() -> None:
    tree, faults = parse(b"a: 1\nb:\n  c: [x, 'y']\n", "f")
    assert faults == []
    where, node = tree.entries["a"]
    assert where == Source("f", 1, 1)
    assert node == Scalar(Source("f", 1, 4), "1", "int", quoted=False)
    _, inner = tree.entries["b"]
    assert isinstance(inner, Mapping)
    _, listing = inner.entries["c"]
    assert isinstance(listing, Listing)
    assert [str(item.source) for item in listing.items] == ["f:3:7", "f:3:10"]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("no", "bool"),
        ("Off", "bool"),
        ("012", "int"),
        ("12:30:45", "int"),
        ("1.5", "float"),
        ("2024-01-01", "timestamp"),
        ("~", "null"),
        ("word", "str"),
        ("'no'", "str"),
        ('"012"', "str"),
        ("|\n  no", "str"),
    ],
)
def test_a_scalar_keeps_its_text_and_what_yaml_would_make_of_it(text: str, meaning: str) -> None:
    tree, _ = parse(f"a: {text}\n".encode(), "f")
    _, node = tree.entries["a"]
    assert isinstance(node, Scalar)
    assert node.meaning == meaning
    assert node.quoted == (text[0] in "'\"|")


def test_a_byte_order_mark_and_windows_line_ends_are_harmless() -> None:
    tree, _ = parse(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", "f")
    assert [str(where) for where, _ in tree.entries.values()] == ["f:1:1", "f:2:1"]


def test_duplicate_keys_are_all_reported_and_the_first_one_is_kept() -> None:
    tree, faults = parse(b"a: 1\na: 2\nb:\n  c: 1\n  c: 2\n  c: 3\n", "f")
    assert [str(fault) for fault in faults] == [
        "f:2:1: a: is set twice, first in line 1; keep one",
        "f:5:3: b.c: is set twice, first in line 4; keep one",
        "f:6:3: b.c: is set twice, first in line 4; keep one",
    ]
    _, kept = tree.entries["a"]
    assert isinstance(kept, Scalar)
    assert kept.text == "1"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "envs/qa.yaml:1:1: is empty; write `setting: value` lines"),
        ("# only a comment\n", "envs/qa.yaml:1:1: is empty; write `setting: value` lines"),
        ("- a\n", "envs/qa.yaml:1:1: is not a settings file; write `setting: value` lines"),
        ("word\n", "envs/qa.yaml:1:1: is not a settings file; write `setting: value` lines"),
        ("a: 1\n--- \nb: 2\n", "envs/qa.yaml:2:1: a second YAML document begins; remove it"),
        ("a: &x 1\n", 'envs/qa.yaml:1:4: anchors and aliases ("&x") are refused; repeat the value'),
        ("a: *x\n", 'envs/qa.yaml:1:4: anchors and aliases ("*x") are refused; repeat the value'),
        ("a: !!str 1\n", 'envs/qa.yaml:1:4: tags ("tag:yaml.org,2002:str") are refused; '),
        ("a: !x {}\n", 'envs/qa.yaml:1:4: tags ("!x") are refused; write the plain value'),
        ("<<: {a: 1}\n", "envs/qa.yaml:1:1: merge keys (<<) are refused; write out what it"),
        ("? [a]\n: 1\n", "envs/qa.yaml:1:3: the name of a setting must be a word"),
        ("a:\n\tb: 1\n", "envs/qa.yaml:2:1: there is a tab here; indent YAML with spaces"),
        ("a: [1\n", "envs/qa.yaml:2:1: is not valid YAML: "),
        ("a: 'x\n", "is not valid YAML: found unexpected end of stream; check this line and"),
        ("a: %\n", "is not valid YAML: "),
        ("a: b: c\n", "envs/qa.yaml:1:5: is not valid YAML: "),
        ("a: \x1b[31m\n", "envs/qa.yaml:1:4: holds the control character U+001B; remove it"),
        ("a: 1\n# \u202e\n", "envs/qa.yaml:2:3: holds the control character U+202E; remove it"),
        ("a: 1\rb: 2\n", "envs/qa.yaml:1:5: holds the control character U+000D; remove it"),
        (b"a: 1\nb: \xff\n", "envs/qa.yaml:2:4: is not UTF-8 text; save it as UTF-8"),
        ("a: 1\n".encode("utf-16"), "envs/qa.yaml:1:1: is not UTF-8 text; save it as UTF-8"),
        (b"#" * (2**20 + 1), "envs/qa.yaml:1:1: is larger than 1048576 bytes; this is not a setti"),
        ("a: " + "[" * 5000, "envs/qa.yaml:1:12: is nested too deep or too long; a setti"),
        ("a: [" + "x, " * 5000, "is nested too deep or too long; a settings file needs far less"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(content: str | bytes, message: str) -> None:
    assert message in refusal(content)


def test_aliases_that_explode_are_refused_at_the_first_anchor() -> None:
    laughs = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(20)
    )
    assert refusal(laughs).startswith('envs/qa.yaml:1:4: anchors and aliases ("&a") are refused')


TAGGED = SETTINGS._replace(name="template", key="part", shape="`Resources:`", tags=True)


def test_a_kind_of_file_may_have_tags_of_its_own() -> None:
    tree, faults = parse(b"a: !x 1\nb: !y [!z {}]\nc: 1\n", "f", TAGGED)
    assert faults == []
    (_, a), (_, b), _ = tree.entries.values()
    assert a == Scalar(Source("f", 1, 4), "1", "str", quoted=False, tag="!x")
    assert isinstance(b, Listing)
    assert (b.tag, [item.tag for item in b.items]) == ("!y", ["!z"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: !!str 1\n", 'f:1:4: tags ("tag:yaml.org,2002:str") are refused; write the plain valu'),
        ("a: !x &y 1\n", 'f:1:4: anchors and aliases ("&y") are refused; repeat the value'),
        ("!x a: 1\n", "f:1:1: the name of a part must be a word"),
        ("- a\n", "f:1:1: is not a template; write `Resources:`"),
        (
            "a: " + "[" * 9 + "]" * 9,
            "f:1:12: is nested too deep or too long; a template needs",
        ),
    ],
)
def test_messages_are_about_the_kind_of_file(content: str, message: str) -> None:
    with pytest.raises(EnvironmentFaults) as caught:
        parse(content.encode(), "f", TAGGED)
    assert message in caught.value.message
