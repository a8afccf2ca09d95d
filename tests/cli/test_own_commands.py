"""Commands of a platform and of packages: listed, completed, called, and broken by themselves."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
import pytest

from tapgen.cli.main import COMMANDS
from tests.cli import owning as owning_module


@pytest.fixture
def owning(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TAPGEN_PLATFORM", "tests.cli.owning:PLATFORM")
    return project


def install(folder: Path, name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package's metadata, where Python finds packages."""
    metadata = folder / "site" / f"{name}-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "entry_points.txt").write_text(text)
    monkeypatch.setattr(sys, "path", [str(folder / "site"), *sys.path])


def section(shown: str) -> str:
    return shown[shown.index("From this project:") :].split("\n\n", maxsplit=1)[0]


@pytest.mark.usefixtures("owning")
def test_they_have_a_heading_of_their_own_in_the_help(tapgen: Any) -> None:
    ran = tapgen("--help")
    assert (ran.code, ran.err) == (0, "")
    assert section(ran.out).splitlines() == [
        "From this project:",
        "  names    Name the environments.",
        "  fail     Fail.",
        "  leave    Leave.",
        "  gone     Is not there.",
        "  nothing  Is nothing.",
    ]
    said = " ".join(ran.out.split())
    assert "deploy of the platform owning is not available: tapgen has one of that name" in said
    assert "'Loud' of the platform owning is not available: a name is lower-case letters" in said


@pytest.mark.usefixtures("project")
def test_without_any_there_is_no_heading(tapgen: Any) -> None:
    assert "From this project" not in tapgen("--help").out


@pytest.mark.parametrize(
    ("words", "code", "out", "err"),
    [
        (["names"], 0, "dev staging prod\n", ""),
        (["fail"], 4, "", "error: not today\nnext: Try tomorrow.\n"),
        (["leave"], 3, "", ""),
        (["fail", "--how", "odd"], 2, "", "error: invalid value for '--how': 'odd' is not one of"),
        (
            ["gone"], 1, "",
            "error: the command gone of the platform owning: 'tests.cli.gone:command' cannot be im",
        ),
        (
            ["nothing"], 1, "",
            "error: the command nothing of the platform owning: 'tests.cli.owning:nothing' is no",
        ),
        (["nmes"], 2, "", "error: no such command 'nmes'\nnext: Did you mean `tapgen names`?"),
        (["Loud"], 2, "", "error: no such command 'Loud'; 'Loud' of the platform owning is not"),
        (["deploy"], 2, "", "error: no environment is named\nnext: Write `tapgen deploy ENV`"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("owning")
def test_they_are_called_like_any_other(
    tapgen: Any, words: list[str], code: int, out: str, err: str
) -> None:
    ran = tapgen(*words)
    assert (ran.code, ran.out) == (code, out)
    assert ran.err.startswith(err)


@pytest.mark.usefixtures("owning")
def test_a_bug_of_theirs_is_not_called_one_of_tapgen(tapgen: Any) -> None:
    ran = tapgen("fail", "--how", "loud")
    assert ran.code == 70
    told = "error: bug in the command fail of the platform owning: ValueError: ouch\n"
    assert ran.err.startswith(told)
    log = Path(ran.err.split("The traceback is in ")[1].strip().rstrip("."))
    assert "owning.py" in log.read_text()
    log.unlink()


@pytest.mark.parametrize("code", [3, 0, None, "so long"])
@pytest.mark.usefixtures("owning")
def test_one_may_end_with_an_exit_code(
    tapgen: Any, monkeypatch: pytest.MonkeyPatch, code: object
) -> None:
    @click.command()
    def ending() -> None:
        sys.exit(code)  # type: ignore[arg-type]

    monkeypatch.setattr(owning_module, "names", ending)
    assert tapgen("names").code == (code or 0)


@pytest.mark.parametrize(
    ("typed", "place", "expected"),
    [
        ("tapgen na", 1, ["plain,names"]),
        ("tapgen gon", 1, []),
        ("tapgen fail --how lo", 3, ["plain,loud", "plain,low"]),
        ("tapgen dep", 1, ["plain,deploy"]),
    ],
)
@pytest.mark.usefixtures("owning")
def test_they_are_completed(
    tapgen: Any, monkeypatch: pytest.MonkeyPatch, typed: str, place: int, expected: list[str]
) -> None:
    monkeypatch.setenv("_TAPGEN_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", typed)
    monkeypatch.setenv("COMP_CWORD", str(place))
    ran = tapgen()
    assert ran.out.split() == expected


@pytest.mark.usefixtures("project")
def test_a_broken_platform_breaks_its_own_commands_only(
    tapgen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAPGEN_PLATFORM", "tests.cli.gone:PLATFORM")
    ran = tapgen("--help")
    assert ran.code == 0
    said = " ".join(ran.out.split())
    assert (
        "the project's own commands cannot be listed: the project's platform: 'tests.cli.g" in said
    )
    assert all(name in said for name in COMMANDS)
    ran = tapgen("names")
    assert ran.code == 2
    assert ran.err.startswith(
        "error: no such command 'names'; the project's own commands cannot be listed: the project's"
    )
    assert tapgen("--version").code == 0


def test_packages_bring_commands_as_entry_points(
    owning: Path, tapgen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        "[console_scripts]\nother = other:main\n\n[ tapgen.commands ]\n# ours\n"
        "who = tests.cli.owning:names\nnames = tests.cli.owning:fail\nno value\n"
    )
    install(owning, "acme_tapgen", text, monkeypatch)
    install(owning / "two", "other", "[tapgen.commandsx]\nwhat = a:b\n", monkeypatch)
    shown = tapgen("--help").out
    assert "  who      (of the package acme_tapgen)" in section(shown)
    assert "what" not in section(shown)
    assert "names of the package acme_tapgen is not available: the platform owning has one" in (
        " ".join(shown.split())
    )
    assert tapgen("who").out == "dev staging prod\n"
    assert tapgen("names").out == "dev staging prod\n"


def test_what_cannot_be_read_brings_none(
    owning: Path, tapgen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(owning, "odd", "", monkeypatch)
    (owning / "site" / "odd-1.0.dist-info" / "entry_points.txt").write_bytes(b"tapgen.commands\xff")
    (owning / "site" / "none-1.0.dist-info").mkdir()
    monkeypatch.setattr(sys, "path", [str(owning / "nowhere"), *sys.path])
    ran = tapgen("names")
    assert (ran.code, ran.out) == (0, "dev staging prod\n")
