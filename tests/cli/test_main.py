from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from typing import Any

import pytest

from tapgen import __version__
from tapgen.cli.main import COMMANDS, module_of
from tests.cli.command_tree import command_at, commands

every_command = pytest.mark.parametrize("path", commands(), ids=" ".join)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_in_the_help_is_the_command_s_own(name: str) -> None:
    command = import_module(module_of(name)).command
    assert command.help.splitlines()[0] == COMMANDS[name].summary


@every_command
def test_every_command_has_help(tapgen: Any, path: tuple[str, ...]) -> None:
    ran = tapgen(*path, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: tapgen {' '.join(path)} ")
    assert ran == tapgen(*path, "-h")


@every_command
def test_examples_are_commands_that_exist(tapgen: Any, path: tuple[str, ...]) -> None:
    command = command_at(path)
    if "Example" not in (command.epilog or ""):
        return
    examples = [line for line in tapgen(*path, "--help").out.splitlines() if "  tapgen " in line
                or 'eval "$(tapgen' in line]  # fmt: skip
    assert examples
    options = {option for parameter in command.params for option in parameter.opts}
    for example in examples:
        words = example.split("tapgen ")[1].replace(")", " ").split("   ")[0].split()
        assert tuple(words[: len(path)]) == path
        assert {word.rstrip('"') for word in words if word.startswith("--")} <= options, example


def test_the_help_lists_every_command_in_its_section(tapgen: Any) -> None:
    shown = tapgen("--help").out
    for name, entry in COMMANDS.items():
        section = shown[shown.index(f"{entry.section.heading}:") :].split("\n\n")[0]
        assert f"  {name} " in section
        assert entry.summary in section
    assert "70 a bug" in " ".join(shown.split())


def test_no_command_at_all_shows_the_help_and_is_wrong_usage(tapgen: Any) -> None:
    ran = tapgen()
    assert ran.code == 2
    assert "Usage: tapgen" in ran.err


def test_version(tapgen: Any) -> None:
    assert tapgen("--version") == (0, f"tapgen {__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("rendr",),
            "no such command 'rendr'\nnext: Did you mean `tapgen render`? `tapgen --help`",
        ),
        (("zzz",), "no such command 'zzz'\nnext: `tapgen --help` lists all commands.\n"),
        (("--zzz",), "no such option '--zzz'\nnext: Usage: tapgen [OPTIONS] COMMAND [ARGS]... ("),
        (
            ("plan", "--env"),
            "option '--env' requires an argument\nnext: Add `--help` to the command ",
        ),
        (("env", "shw"), "no such command 'shw'\nnext: Did you mean show? Usage: tapgen env "),
    ],
)
def test_what_does_not_exist_is_wrong_usage(
    tapgen: Any, arguments: tuple[str, ...], said: str
) -> None:
    ran = tapgen(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"error: {said}")


@pytest.mark.slow
def test_as_a_module() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tapgen", "graph", "--format", "dot"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert ran.stdout.startswith("digraph tapgen {")


def test_the_module_runs_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import runpy

    monkeypatch.setattr(sys, "argv", ["tapgen", "--version"])
    with pytest.raises(SystemExit) as end:
        runpy.run_module("tapgen", run_name="__main__")
    assert end.value.code == 0
    assert capsys.readouterr().out == f"tapgen {__version__}\n"


def test_importing_the_module_runs_nothing() -> None:
    assert import_module("tapgen.__main__").main is import_module("tapgen.cli.main").main
