from __future__ import annotations

import io
from typing import Any

import pytest

from tapgen.cli.confirm import confirm
from tapgen.errors import UsageError


def test_yes_is_not_asked_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert confirm("Deploy?", yes=True, type_name="prod")
    assert capsys.readouterr() == ("", "")


def test_without_a_terminal_nothing_is_taken_for_granted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    with pytest.raises(UsageError) as caught:
        confirm("Deploy?", yes=False)
    assert "--yes" in caught.value.hint


@pytest.mark.parametrize(("typed", "agreed"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_a_question_is_asked_on_stderr(
    terminal: Any, capsys: pytest.CaptureFixture[str], typed: str, agreed: bool
) -> None:
    terminal.type(typed)
    with terminal.attached():
        assert confirm("Deploy this to dev?", yes=False) is agreed
    assert "Deploy this to dev? [y/N]:" in terminal.shown()
    assert capsys.readouterr().out.strip() == ""


@pytest.mark.parametrize(
    ("typed", "agreed"), [("prod\n", True), ("y\n", False), ("\n", False), ("Prod\n", False)]
)
def test_a_protected_environment_is_asked_for_by_its_name(
    terminal: Any, typed: str, agreed: bool
) -> None:
    terminal.type(typed)
    with terminal.attached():
        assert confirm("Deploy this?", yes=False, type_name="prod") is agreed
    assert "Deploy this? Type 'prod' to continue:" in terminal.shown()
