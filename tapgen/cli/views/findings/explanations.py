"""What `tapgen lint --explain` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.cli.terminal import echo

if TYPE_CHECKING:
    from tapgen.review.lint.explaining import Explanation


def show(rule: Explanation) -> None:
    """The rule with its text as it is written, in Markdown."""
    echo(f"{rule.id} {rule.name} ({rule.severity}): {rule.summary}")
    if rule.text:
        echo(f"\n{rule.text.rstrip()}")
