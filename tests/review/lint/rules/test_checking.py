"""What rules object to becomes findings, unless it is accepted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tapgen.errors import TapgenError
from tapgen.model.templates.template import Template
from tapgen.render.rendering import Rendered
from tapgen.review.lint.findings import Finding
from tapgen.review.lint.rules.checking import check
from tapgen.review.lint.rules.rule import Problem, Rule, Rules
from tests.review.lint.rules.stubs import (
    RETAINED,
    found,
    names,
    stack,
    template,
    with_resource,
)


def test_nothing_is_found_in_a_template_that_follows_the_rules() -> None:
    of = template()
    assert names(of, stack(of)) == []


def test_a_finding_tells_place_layer_and_resource() -> None:
    of = with_resource("AWS::SQS::Queue", {}, UpdateReplacePolicy="Retain", DeletionPolicy="Retain")
    (one,) = found(of)
    lines = of.text.split("\n")
    assert lines[one.line - 1][one.column - 1 :].startswith('"DeletionPolicy"')
    assert one == Finding(
        "out/data.json",
        one.line,
        one.column,
        "T008",
        "retained-data",
        "error",
        "AWS::SQS::Queue holds data, but DeletionPolicy is not RetainExceptOnCreate",
        layer="data",
        logical_id="It",
    )


def test_what_is_accepted_on_the_resource_is_not_told() -> None:
    accepted = {"tapgen": {"Accepted": {"retained-data": "it is a cache"}}}
    assert names(with_resource("AWS::SQS::Queue", {}, Metadata=accepted)) == []


def test_an_acceptance_that_nothing_needs_is_stale() -> None:
    metadata = {"tapgen": {"Accepted": {"retained-data": "it is a cache", "tgas": "why not, then"}}}
    (one,) = found(with_resource("AWS::SQS::Queue", RETAINED, **RETAINED, Metadata=metadata))[1:]
    assert (one.rule, one.name, one.logical_id) == ("T040", "stale-acceptance", "It")
    assert one.message == "accepts tgas, which has no finding here: remove it"


def test_an_acceptance_of_a_rule_about_stacks_may_be_needed_by_another_environment() -> None:
    metadata = {"tapgen": {"Accepted": {"environment-literal": "it is the same everywhere"}}}
    assert names(with_resource("AWS::SQS::Queue", {}, **RETAINED, Metadata=metadata)) == []


def boom(_: Template) -> Iterator[Problem]:
    """Nothing is ever right."""
    raise ValueError("ouch")


def test_a_rule_that_breaks_is_named(rendered: Rendered) -> None:
    broken = Rules(templates=(Rule("X001", "boom", boom),))
    with pytest.raises(ValueError, match="ouch") as bug:
        list(check(rendered, "out", broken))
    assert bug.value.__notes__ == ["the rule X001 (boom)"]


def texts(_: Template) -> Iterator[Any]:
    """Nothing is a problem."""
    print("looking")  # noqa: T201 - as people do
    yield "it is wrong"


@pytest.mark.parametrize(
    "given",
    ["text", None, Problem("Resources", "m"), Problem((1.5,), "m"), Problem((), 3)],  # type: ignore[arg-type]
)
def test_what_is_no_problem_is_told_with_the_rule(rendered: Rendered, given: Any) -> None:
    def odd(_: Template) -> Iterator[Any]:
        """Nothing is a problem."""
        yield given

    with pytest.raises(TapgenError) as wrong:
        list(check(rendered, "out", Rules(templates=(Rule("X001", "odd", odd),))))
    place, told = wrong.value.message.split(": the rule X001 (odd) returns ")
    assert place.startswith("tests/review/lint/rules/test_checking.py:")
    assert told == ("nothing" if given is None else f"{given!r} ({type(given).__name__})")
    assert wrong.value.hint == "It must return a Problem(path, message) each time."


def test_what_a_rule_prints_is_no_result(
    rendered: Rendered, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(TapgenError):
        list(check(rendered, "out", Rules(templates=(Rule("X001", "texts", texts),))))
    assert tuple(capsys.readouterr()) == ("", "looking\n")
