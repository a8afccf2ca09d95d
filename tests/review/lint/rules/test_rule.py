from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import (
    Problems,
    Rule,
    allow_statements,
    effective_nodes,
    listed,
    literals,
    resources,
)


def template(**sections: Any) -> Template:
    return Template("data", json.dumps({"Resources": {}, **sections}))


def check(_template: Template, _more: str = "") -> Problems:
    """Nothing is wrong.

    For a reason.
    """
    yield from ()


def undocumented(_template: Template) -> Problems:
    yield from ()


@pytest.mark.parametrize(
    ("function", "summary"),
    [
        (check, "Nothing is wrong."),
        (partial(check, _more="a"), "Nothing is wrong."),
        (undocumented, ""),
    ],
)
def test_a_rule_asks_for_what_its_function_says(function: Any, summary: str) -> None:
    assert Rule("T099", "check", function).summary == summary


def test_what_is_for_people_is_not_looked_at() -> None:
    of = template(
        Description="a",
        Metadata={"b": "c"},
        Parameters={"D": {"Default": "e"}},
        Resources={"F": {"Type": "G", "Metadata": {"h": "i"}, "Properties": {"J": ["k"]}}},
    )
    assert [(path, text) for path, text in literals(of)] == [
        (("Resources", "F", "Type"), "G"),
        (("Resources", "F", "Properties", "J", 0), "k"),
    ]
    assert (("Resources", "F", "Properties", "J"), ["k"]) in effective_nodes(of)


def test_resources_of_a_type_come_with_their_properties() -> None:
    of = template(Resources={"A": {"Type": "T", "Properties": {"b": 1}}, "C": {"Type": "T"}})
    assert [*resources(of, "T")] == [(("Resources", "A"), {"b": 1}), (("Resources", "C"), {})]
    assert [*resources(of, "U")] == []


def test_only_statements_that_allow_something_count() -> None:
    statements = [{"Effect": "Allow", "Action": "a"}, {"Effect": "Deny", "Action": "b"}]
    policy = {"Type": "P", "Properties": {"PolicyDocument": {"Statement": statements}}}
    ((path, statement),) = allow_statements(template(Resources={"A": policy}))
    assert (path[-1], statement) == (0, statements[0])


def test_one_is_a_list_of_one() -> None:
    assert (listed("a"), listed(["a", "b"])) == (["a"], ["a", "b"])
