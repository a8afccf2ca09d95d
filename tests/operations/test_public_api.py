"""docs/python.md is what a stranger reads: its blocks run, print what they show, and name all."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tapgen import operations
from tapgen.cli.main import COMMANDS, module_of
from tapgen.deploy.flow.events import Within
from tapgen.model.deployed.events import Created, Deleted
from tests import generated_parts
from tests.documents import blocks, difference, spans, table
from tests.paths import ROOT

if TYPE_CHECKING:
    from tapgen.local.client import LocalAws

PAGE: Final = (ROOT / "docs" / "python.md").read_text()
SHOWN: Final = "# -> "  # in front of a line that is printed
ACCOUNT: Final = "646464646464"
FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    name: getattr(operations, name)
    for name in operations.__all__
    if inspect.isfunction(getattr(operations, name))
}


@pytest.fixture
def a_project_of_its_own(
    project: Path, local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The shipped environments, with `dev` in an account of the shared local AWS."""
    dev = project / "envs" / "dev.yaml"
    dev.write_text(dev.read_text().replace("111111111111", ACCOUNT))
    monkeypatch.setattr("tapgen.local.client.start", lambda _: local_aws)
    return project


def run(block: str, names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> str | None:
    """Run a block; what is wrong with what it prints, or None."""
    exec(block, names)  # noqa: S102 - a block of our own documentation
    shown = [line[len(SHOWN) :] for line in block.splitlines() if line.startswith(SHOWN)]
    return difference(shown, capsys.readouterr().out)


@pytest.mark.slow
def test_every_block_prints_what_it_shows(
    a_project_of_its_own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names: dict[str, Any] = {}
    for block in blocks(PAGE, "python"):
        assert run(block, names, capsys) is None, block
    # What the page only tells: values, not text, and events of each environment.
    assert set(map(type, names["done"].outcomes["dev"].values())) == {Created}
    assert set(map(type, names["gone"].outcomes.values())) == {Deleted}
    assert {event.environment for event in names["host"].events if isinstance(event, Within)} == {
        "dev"
    }
    assert [question.type_name for question in names["host"].questions] == ["", "dev"]
    assert sorted(path.name for path in a_project_of_its_own.iterdir()) == ["envs", "templates_out"]


@pytest.mark.parametrize(
    ("block", "wrong"),
    [
        ("print(1)\n# -> 1", None),
        ("print(1)\n# -> 2", "not printed here: 2"),
        ("print(1)", "printed, but not as neighbours and in this order:\n<begin>\n<end>"),
    ],
)
def test_a_stale_block_is_found(
    block: str, wrong: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(block, {}, capsys) == wrong


def test_the_table_of_functions_is_current() -> None:
    rows = [
        (f"`{name}`", generated_parts.code(calling(name)), first_line(function))
        for name, function in FUNCTIONS.items()
    ]
    part = generated_parts.table(("function", "command", "does"), rows)
    generated_parts.check(ROOT / "docs" / "python.md", {"functions": part})


def calling(function: str) -> list[str]:
    """The commands that call the function."""
    sources = {name: inspect.getsource(import_module(module_of(name))) for name in COMMANDS}
    return [
        f"tapgen {name}"
        for name, source in sources.items()
        if "tapgen.operations" in source and re.search(rf"\b{function}\(", source)
    ]


def first_line(function: Callable[..., Any]) -> str:
    return (inspect.getdoc(function) or "").splitlines()[0]


def test_the_page_names_everything_else_that_is_public() -> None:
    others = [spans(row[0])[0] for row in table(PAGE, "name", "is")]
    assert sorted([*FUNCTIONS, *others]) == sorted(operations.__all__)


def test_every_command_about_a_project_calls_a_function() -> None:
    calling = {
        command
        for command in COMMANDS
        if "from tapgen.operations" in inspect.getsource(import_module(module_of(command)))
    }
    # They show what is declared, start a server, print a script: there is no order of steps.
    assert COMMANDS.keys() - calling == {"env", "graph", "local", "config", "schema", "completion"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_tells_its_arguments_its_result_and_its_errors(name: str) -> None:
    function = FUNCTIONS[name]
    told = inspect.getdoc(function) or ""
    signature = inspect.signature(function)
    assert re.findall(r"^- `(\w+)`: ", told, re.MULTILINE) == [*signature.parameters]
    assert bool(re.search(r"^Returns ", told, re.MULTILINE)) == (
        signature.return_annotation != "None"
    )
    assert re.search(r"^Raises `\w+`", told, re.MULTILINE)


def test_a_name_that_is_not_public_is_not_there() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'explode'"):
        _ = operations.explode
