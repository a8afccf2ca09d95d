"""What the docstrings of a new project show works as it stands there."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.deploy.guards.guard import Guard, Subject
from tapgen.errors import RefusedError
from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rules
from tapgen.starters.writing import files_of
from tests.starters.test_writing import wishes

if TYPE_CHECKING:
    from tests.lab import Lab


def example_in(module: str) -> dict[str, Any]:
    """The names that the code in the docstring of a module defines, with those of the module."""
    text = files_of(wishes("empty"))[f"shop_platform/{module}.py"]
    lines = inspect.cleandoc(ast.get_docstring(ast.parse(text)) or "").splitlines()
    code = textwrap.dedent("\n".join(one for one in lines if one.startswith("    ") or not one))
    names: dict[str, Any] = {}
    exec(text, names)  # noqa: S102 - what people run
    exec(code, names)  # noqa: S102 - what people write
    return names


@pytest.mark.parametrize(("days", "refused"), [("7", True), ("30", False)])
def test_the_guard_refuses_what_it_says(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, days: str, refused: bool
) -> None:
    (guard,) = example_in("guards")["GUARDS"]
    assert isinstance(guard, Guard)
    assert [*guard.faults()] == []
    stack = lab.stack("files", {"Note": lab.note()}, parameters={"KeptDays": days})
    subject = Subject(lab.target(stack), {"files"})
    assert guard.notes(subject) == [], "it is about prod"
    monkeypatch.setattr(type(subject.target), "environment", "prod")
    if refused:
        with pytest.raises(RefusedError, match="prod keeps files for 30 days"):
            guard.notes(subject)
    else:
        assert guard.notes(subject) == []


def test_the_rule_finds_what_it_says() -> None:
    rules = example_in("rules")["RULES"]
    assert isinstance(rules, Rules)
    (rule,) = rules.templates
    assert [*rule.faults()] == []
    assert rule.summary.endswith(".")
    bucket = {"Type": "AWS::S3::Bucket"}
    template = Template("files", json.dumps({"Resources": {"Bucket": bucket}}))
    assert [*rule.check(template)] == [
        Problem(("Resources", "Bucket"), "has no VersioningConfiguration")
    ]
