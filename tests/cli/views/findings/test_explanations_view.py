from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.cli.views.findings.explanations import show
from tapgen.review.lint.explaining import Explanation

if TYPE_CHECKING:
    import pytest


def test_a_rule_is_shown_with_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    show(Explanation("T900", "odd", "warning", "Nothing is odd.", "Because.\n\n```yaml\n```\n"))
    assert capsys.readouterr().out == (
        "T900 odd (warning): Nothing is odd.\n\nBecause.\n\n```yaml\n```\n"
    )


def test_a_rule_without_a_text_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    show(Explanation("T900", "odd", "error", "Nothing is odd.", ""))
    assert capsys.readouterr().out == "T900 odd (error): Nothing is odd.\n"
