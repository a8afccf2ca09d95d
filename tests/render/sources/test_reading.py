"""Template files as they are read: like cfn-lint does, but for what would be altered in silence."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from cfnlint.decode.cfn_yaml import loads
from hypothesis import given
from hypothesis import strategies as st

from tapgen.render.sources.reading import SHORT, Reading, read
from tapgen.settings.faults import Source


def of_yaml(text: str) -> Reading:
    return read(text.encode(), "t.yaml")


def faults(reading: Reading) -> list[str]:
    return list(map(str, reading.faults))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("!Ref Name", {"Ref": "Name"}),
        ("!Condition IsBig", {"Condition": "IsBig"}),
        ('!Sub "${A}-b"', {"Fn::Sub": "${A}-b"}),
        ("!Sub ['${A}', {A: !Ref B}]", {"Fn::Sub": ["${A}", {"A": {"Ref": "B"}}]}),
        ("!GetAtt A.Arn", {"Fn::GetAtt": ["A", "Arn"]}),
        ("!GetAtt A.Endpoint.Port", {"Fn::GetAtt": ["A", "Endpoint.Port"]}),
        ("!GetAtt [A, Arn]", {"Fn::GetAtt": ["A", "Arn"]}),
        ("{'Fn::GetAtt': A.Arn}", {"Fn::GetAtt": ["A", "Arn"]}),
        ("{'Fn::GetAtt': [A, Arn]}", {"Fn::GetAtt": ["A", "Arn"]}),
        ("!If [Big, !Ref A, !Ref 'AWS::NoValue']",
         {"Fn::If": ["Big", {"Ref": "A"}, {"Ref": "AWS::NoValue"}]}),
        ("!Join ['-', [a, !Select [0, !GetAZs '']]]",
         {"Fn::Join": ["-", ["a", {"Fn::Select": [0, {"Fn::GetAZs": ""}]}]]}),
        ("!Base64 {'Fn::Sub': '${A}'}", {"Fn::Base64": {"Fn::Sub": "${A}"}}),
        ("!Ref 5", {"Ref": "5"}),
        ("2012-10-17", "2012-10-17"),
        ("'no'", "no"),
        ("no", False),
        ("On", True),
        ("~", None),
        ("", None),
        ("7", 7),
        ("-7", -7),
        ("1.5", 1.5),
        ("'0123'", "0123"),
        ("012345678901", "012345678901"),
        ("|\n  a\n  b\n", "a\nb\n"),
    ],
)  # fmt: skip
def test_what_is_written_is_what_cloudformation_takes_it_for(written: str, value: Any) -> None:
    reading = of_yaml(f"A: {written}\n")
    assert reading.faults == ()
    assert reading.document == {"A": value}


@pytest.mark.parametrize(
    "number", ["0123", "12:30:45", "1_000", "+5", "1.10", ".5", "1.5e+3", ".inf", ".nan", "9" * 19]
)
def test_a_number_that_yaml_alters_is_refused(number: str) -> None:
    (fault,) = faults(of_yaml(f"A:\n  B: {number}\n"))
    assert fault == (
        f"t.yaml:2:3: A.B: {number} is a number to YAML, which alters it; "
        f'write "{number}" in quotes, or the intended number'
    )


@pytest.mark.parametrize(
    ("tag", "hint"),
    [
        (
            "!Rain::Embed",
            "`rain pkg FILE --output OTHER` writes a file without directives: name that",
        ),
        ("!GetAttr", "did you mean !GetAtt?"),
        ("!Xyzzy", "CloudFormation has !Ref, !Condition, "),
    ],
)
def test_another_tag_is_no_function(tag: str, hint: str) -> None:
    (fault,) = faults(of_yaml(f"A: {{B: {tag} x}}\n"))
    assert fault.startswith(f"t.yaml:1:5: A.B: {tag} is not a function; {hint}")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("A: &x 1\n", 't.yaml:1:4: anchors and aliases ("&x") are refused; repeat the value'),
        ("A: !Ref &x B\n", 't.yaml:1:4: anchors and aliases ("&x") are refused'),
        ("A: !!str 1\n", 't.yaml:1:4: tags ("tag:yaml.org,2002:str") are refused'),
        ("<<: {A: 1}\n", "t.yaml:1:1: merge keys (<<) are refused"),
        ("!Ref A: 1\n", "t.yaml:1:1: the name of a part must be a word"),
        ("", "t.yaml:1:1: is empty; write a mapping with `Resources:`"),
        ("- A\n", "t.yaml:1:1: is not a template; write a mapping with `Resources:`"),
        ("A: [\n", "t.yaml:2:1: is not valid YAML: "),
        ("A: " + "[" * 70 + "]" * 70, "is nested too deep or too long; a template needs far less"),
    ],
)
def test_what_cannot_be_read_has_its_place(text: str, fault: str) -> None:
    reading = of_yaml(text)
    assert fault in str(reading.faults[0])
    assert reading.document == {}
    assert reading.source(("Resources",)) == Source("t.yaml", 1, 1)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[1]", "t.json:1:1: is not a template; write a mapping with `Resources:`"),
        ('{"A":\n 1,}', "t.json:2:4: is not valid JSON: "),
        ("[" * 100_000, "t.json:1:1: is nested too deep"),
        ("\xff", "t.json:1:1: is not valid JSON"),
    ],
)
def test_json_that_cannot_be_read_has_its_place(text: str, fault: str) -> None:
    reading = read(text.encode(), "t.json")
    assert fault in str(reading.faults[0])


TWICE_YAML = "A:\n  B: {C: 1}\n  B: {C: 2, D: 3}\n  E: 1\nA: 2\n"
TWICE_JSON = '{"A": {\n  "B": {"C": 1},\n  "B": {"C": 2, "D": 3},\n  "E": 1},\n"A": 2}\n'


@pytest.mark.parametrize(("text", "path"), [(TWICE_YAML, "t.yaml"), (TWICE_JSON, "t.json")])
def test_a_key_that_is_there_twice_is_told_once(text: str, path: str) -> None:
    assert faults(read(text.encode(), path)) == [
        f"{path}:3:3: A.B: is set twice, first in line 2; keep one",
        f"{path}:5:1: A: is set twice, first in line 1; keep one",
    ]


PLACED = """\
Resources:
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub
        - ${A}
        - A: !Ref Prefix
      Tags:
        - {Key: a, Value: !GetAtt Other.Arn}
"""


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        ((), 1, 1),
        (("Resources", "Jobs"), 2, 3),
        (("Resources", "Jobs", "Properties", "QueueName"), 5, 7),
        (("Resources", "Jobs", "Properties", "QueueName", "Fn::Sub"), 5, 18),
        (("Resources", "Jobs", "Properties", "QueueName", "Fn::Sub", 1, "A"), 7, 11),
        (("Resources", "Jobs", "Properties", "QueueName", "Fn::Sub", 1, "A", "Ref"), 7, 14),
        (("Resources", "Jobs", "Properties", "Tags", 0, "Value", "Fn::GetAtt", 1), 9, 27),
        (("Resources", "Jobs", "DeletionPolicy"), 2, 3),
        (("Outputs", "TapgenSeal"), 1, 1),
    ],
)
def test_every_part_has_its_place(path: tuple[str | int, ...], line: int, column: int) -> None:
    assert of_yaml(PLACED).source(path) == Source("t.yaml", line, column)


def test_booleans_of_parameters_are_text_as_everywhere() -> None:
    reading = of_yaml("Parameters:\n  A: {Default: yes, AllowedValues: [true, no, 5]}\n  B: 1\n")
    assert reading.document["Parameters"] == {
        "A": {"Default": "true", "AllowedValues": ["true", "false", 5]},
        "B": 1,
    }
    assert of_yaml("Parameters: 1\n").document == {"Parameters": 1}


# --- as cfn-lint reads it -------------------------------------------------------------------------

NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,8}", fullmatch=True)
SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(10**6), 10**6),
    st.sampled_from(["", "no", "0123", "2012-10-17", "a: b", "!Ref x", "1.10", "ü", "a\nb\n"]),
    NAMES,
)


class Tagged(yaml.YAMLObject):
    """A function in its short form."""

    def __init__(self, name: str, argument: Any) -> None:
        self.name = name
        self.argument = argument


def _written(dumper: yaml.SafeDumper, tagged: Tagged) -> yaml.Node:
    node = dumper.represent_data(tagged.argument)
    node.tag = f"!{tagged.name}"
    if isinstance(node, yaml.ScalarNode):
        node.style = "'"
    return node


class Dumper(yaml.SafeDumper):
    """Writes no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return data is data  # noqa: PLR0124 - always


Dumper.add_representer(Tagged, _written)


def _deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    containers = st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3))
    others = st.sampled_from([name for name in SHORT if name != "GetAtt"])
    attribute = st.tuples(NAMES, NAMES)
    return st.one_of(
        containers,
        st.builds(Tagged, others, st.one_of(NAMES, containers)),
        st.builds(
            Tagged, st.just("GetAtt"), st.one_of(attribute.map(".".join), attribute.map(list))
        ),
    )


@pytest.mark.slow
@given(st.dictionaries(NAMES, st.recursive(SCALARS, _deeper, max_leaves=6), min_size=1))
def test_short_forms_are_what_cfn_lint_takes_them_for(document: dict[str, Any]) -> None:
    text = yaml.dump(document, Dumper=Dumper, allow_unicode=True)
    reading = of_yaml(text)
    assert reading.faults == ()
    known = json.loads(json.dumps(loads(text)))
    assert reading.document == read(json.dumps(known).encode(), "t.json").document
