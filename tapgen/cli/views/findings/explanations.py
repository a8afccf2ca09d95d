"""The output of `tapgen lint --explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.cli.terminal import echo

if TYPE_CHECKING:
    from tapgen.review.lint.explaining import Explanation


def show(rule: Explanation) -> None:
    """Print the rule with its text in Markdown."""
    echo(f"{rule.id} {rule.name} ({rule.severity}): {rule.summary}")
    if rule.text:
        echo(f"\n{rule.text.rstrip()}")
