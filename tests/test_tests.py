"""Tests about tests: each asks something, and the answer can be no."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ASKING = {
    "generated_parts.check",
    "golden_files.check",
    "pytest.fail",
    "pytest.raises",
    "pytest.warns",
}
TOO_BROAD = ("pytest.raises(BaseException", "pytest.raises(Exception")


@cache
def trees() -> dict[str, ast.Module]:
    """File -> its syntax tree, for all tests."""
    files = {path.relative_to(TESTS).as_posix(): path for path in TESTS.rglob("*.py")}
    return {name: ast.parse(path.read_text()) for name, path in files.items()}


@dataclass(frozen=True)
class Function:
    """A function of the tests: whether it asserts by itself, and what it calls."""

    name: str
    asserts: bool
    calls: frozenset[str]

    def asks(self, helpers: set[str]) -> bool:
        """Whether it asserts: by itself, by pytest, by a Stubber, or by a function that does."""
        return self.asserts or not self.calls.isdisjoint(helpers)


def functions(tree: ast.AST) -> list[Function]:
    return [
        _function(node, list(ast.walk(node)))
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    ]


def _function(node: ast.FunctionDef, inner: list[ast.AST]) -> Function:
    calls = frozenset(ast.unparse(one.func) for one in inner if isinstance(one, ast.Call))
    by_itself = any(isinstance(one, ast.Assert) for one in inner)
    by_others = not calls.isdisjoint(ASKING) or any(".assert_" in name for name in calls)
    return Function(node.name, by_itself or by_others, calls)


def asserting(found: dict[str, list[Function]]) -> dict[str, set[str]]:
    """File -> the functions that its tests can call by name and that assert.

    Those of its own, and those of files without tests: helpers are imported, fixtures asked for.
    """
    own = {file: set[str]() for file in found}
    shared: set[str] = set()
    known = -1
    while known != sum(map(len, own.values())):
        known = sum(map(len, own.values()))
        for file, those in found.items():
            own[file] |= {one.name for one in those if one.asks(own[file] | shared)}
            if not Path(file).name.startswith("test_"):
                shared |= own[file]
    return {file: names | shared for file, names in own.items()}


def silent(files: dict[str, ast.Module]) -> list[str]:
    """The tests that assert nothing."""
    found = {file: functions(tree) for file, tree in files.items()}
    helpers = asserting(found)
    return [
        f"{file}::{one.name}"
        for file, those in found.items()
        for one in those
        if one.name.startswith("test_") and not one.asks(helpers[file])
    ]


def groundless(tree: ast.AST) -> list[str]:
    """The assertions that hold whatever the program does, and expectations of just any error."""
    return [
        f"{node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(tree)
        if (isinstance(node, ast.Assert) and _always_true(node.test))
        or (isinstance(node, ast.Call) and ast.unparse(node).startswith(TOO_BROAD))
    ]


def _always_true(value: ast.expr) -> bool:
    match value:
        case ast.Constant(constant):
            return bool(constant)
        case ast.List(parts) | ast.Set(parts) | ast.Tuple(parts) | ast.Dict(parts):
            return bool(parts)
        case ast.BoolOp(ast.Or(), values):
            return any(map(_always_true, values))
        case ast.BoolOp(ast.And(), values):
            return all(map(_always_true, values))
        case ast.Compare(ast.Name(left), [ast.Eq() | ast.Is() | ast.LtE()], [ast.Name(right)]):
            return left == right
    return isinstance(value, ast.GeneratorExp | ast.JoinedStr | ast.Lambda)


def test_every_test_asserts_something() -> None:
    assert silent(trees()) == []


def test_no_assertion_holds_whatever_the_program_does() -> None:
    assert {file: found for file, tree in trees().items() if (found := groundless(tree))} == {}


PLANTED = """
def helper(): assert 1 < a
def test_by_itself(): assert a
def test_by_a_helper(): helper()
def test_by_pytest():
    with pytest.raises(ValueError): f()
def test_by_a_stubber(): aws.assert_no_pending_responses()
def test_by_nothing(): f(); a == b
"""


def test_what_asserts_nothing_is_noticed() -> None:
    trees = {"test_a.py": ast.parse(PLANTED), "test_b.py": ast.parse("def test_c(): helper()")}
    assert silent(trees) == ["test_a.py::test_by_nothing", "test_b.py::test_c"]
    trees["conftest.py"] = ast.parse("def helper(): assert a")
    assert silent(trees) == ["test_a.py::test_by_nothing"]


@pytest.mark.parametrize(
    "statement",
    [
        "assert 'text'",
        "assert (a, 'message')",
        "assert {'a': b}",
        "assert a or [1]",
        "assert (b for b in a)",
        "assert a == a",
        "pytest.raises(Exception, match='a')",
        "pytest.raises(BaseException)",
    ],
)
def test_what_asserts_for_nothing_is_noticed(statement: str) -> None:
    assert groundless(ast.parse(statement)) == [f"1: {ast.unparse(ast.parse(statement))}"]


@pytest.mark.parametrize(
    "statement", ["assert a == b", "assert [b for b in a]", "assert a or []", "assert {}"]
)
def test_what_can_be_answered_with_no_is_fine(statement: str) -> None:
    assert groundless(ast.parse(statement)) == []


def test_facts_about_aws_are_asked_without_tapgen() -> None:
    imported = {
        node.module or ""
        for file, tree in trees().items()
        if file.startswith(("behaviour/test_", "behaviour/rest_api"))
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
    }
    assert "tests.behaviour.account" in imported
    assert not [name for name in imported if name.startswith("tapgen")]
    assert {name for name in imported if name.startswith("tests")} <= {
        "tests.behaviour.account",
        "tests.behaviour.facts",
        "tests.behaviour.rest_api",
        "tests.behaviour.templates",
    }
