from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from io import FileIO, TextIOWrapper
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.cli.invocation import Invocation
from tapgen.cli.terminal import document, echo, remark, safe, verbosity
from tapgen.model.parts.running import aside
from tests.paths import ROOT

CLI = ROOT / "tapgen" / "cli"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é\n\tnext", "plain é\n\tnext"),
        ("\x1b[2J\x1b[1;1Hgone", r"\x1b[2J\x1b[1;1Hgone"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x1b[8mconcealed", r"\x1b[8mconcealed"),
        ("\x1b[1;8mconcealed", r"\x1b[1;8mconcealed"),
        ("\x9b2J", r"\x9b2J"),
        ("safe\rover", r"safe\rover"),
        ("abc\u202efed", r"abc\u202efed"),
        (click.style("x", fg="red", bold=True), "\x1b[31m\x1b[1mx\x1b[0m"),
        (click.style("x", fg="bright_black", underline=True), "\x1b[90m\x1b[4mx\x1b[0m"),
    ],
)
def test_controls_are_spelled_out_and_colours_stay(text: str, shown: str) -> None:
    assert safe(text) == shown


@given(st.text())
def test_no_control_is_left(text: str) -> None:
    shown = click.unstyle(safe(text))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", shown)
    assert safe(shown) == shown


def test_data_and_talk(capsys: pytest.CaptureFixture[str]) -> None:
    echo("\x1b[2Jdata", nl=False)
    echo("talk\x07", err=True)
    assert capsys.readouterr() == (r"\x1b[2Jdata", "talk\\x07\n")


@pytest.mark.parametrize(
    ("stream", "err", "raised"),
    [("sys.stdout", False, BrokenPipeError), ("sys.stderr", True, KeyboardInterrupt)],
)
def test_talk_that_nobody_hears_is_no_success(
    monkeypatch: pytest.MonkeyPatch, stream: str, raised: type[BaseException], *, err: bool
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    nobody = TextIOWrapper(FileIO(writing, "w"), write_through=True)
    monkeypatch.setattr(stream, nobody)
    with pytest.raises(raised):
        echo("text", err=err)
    with suppress(BrokenPipeError):  # it tries once more
        nobody.close()


def test_talk_of_commands_repeats_where_the_files_are(capsys: pytest.CaptureFixture[str]) -> None:
    invocation = Invocation(project_folder=Path("other"))
    with click.Context(click.Command("render"), obj=invocation):
        echo("`tapgen render`", err=True)
        echo("`tapgen render`")
    assert capsys.readouterr() == ("`tapgen render`\n", "`tapgen render --project other`\n")


def test_a_document_is_utf_8_whatever_the_terminal_takes(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    with TextIOWrapper(FileIO(os.dup(1), "w"), encoding="latin-1") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        document("→ \x1b[2J\n")
    assert capfdbinary.readouterr().out == "→ \\x1b[2J\n".encode()


def test_nothing_is_printed_past_it() -> None:
    printing = re.compile(r"\bclick\.s?echo\(|\bprint\(")
    past = [path.name for path in CLI.rglob("*.py") if printing.search(path.read_text())]
    assert past == ["terminal.py"]


@pytest.mark.parametrize(("level", "told"), [(-1, ""), (0, "by the way\n"), (1, "by the way\n")])
def test_a_quiet_command_leaves_remarks_out(
    capsys: pytest.CaptureFixture[str], level: int, told: str
) -> None:
    with click.Context(click.Command("x"), obj=Invocation(verbosity=level)):
        remark("by the way")
        remark("by the way", err=False)
        assert verbosity() == level
    assert capsys.readouterr() == (told, told)
    assert verbosity() == 0  # where no command is at work
    remark("by the way")
    assert capsys.readouterr().err == "by the way\n"


def test_results_are_printed_while_parts_are_at_work(capsys: pytest.CaptureFixture[str]) -> None:
    with aside:
        print("of the part")  # noqa: T201 - as people do
        echo("result")
        document("document\n")
        echo("talk", err=True)
    assert tuple(capsys.readouterr()) == ("result\ndocument\n", "of the part\ntalk\n")
