"""What a rule asks for and why, with a template that breaks it and the fix: `lint --explain`.

The text of a rule is `explained/<id>.md` beside the module of its check, those of other findings
are beside tapgen's own rules. docs/reference/rules.md is made of the same texts.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from tapgen.errors import UsageError
from tapgen.model.platform import Platform
from tapgen.review.lint.acceptance import STALE_ID, STALE_NAME
from tapgen.review.lint.cost_findings import LIMIT_ID, LIMIT_NAME
from tapgen.review.lint.findings import Severity
from tapgen.review.lint.rules import registry
from tapgen.review.lint.rules.rule import Rule
from tapgen.review.lint.settings_findings import SETTINGS_ID, SETTINGS_NAME
from tapgen.settings.faults import guess


class Explanation(NamedTuple):
    """A rule: `summary` is what it asks for in a sentence, `text` is Markdown, empty for none."""

    id: str
    name: str
    severity: Severity
    summary: str
    text: str


# Findings that no rule about templates or stacks makes.
_OTHERS: Final[tuple[tuple[str, str, Severity, str], ...]] = (
    (SETTINGS_ID, SETTINGS_NAME, "error", "Settings match what the platform declares."),
    (STALE_ID, STALE_NAME, "error", "Every acceptance is still needed."),
    (LIMIT_ID, LIMIT_NAME, "error", "No environment costs more than its limit."),
)


def explanations(platform: Platform) -> dict[str, Explanation]:
    """Every rule of tapgen and of the platform by its id, in the order of ids."""
    rules = registry.rules_for(platform)
    every: list[Rule[Any]] = [*rules.templates, *rules.stacks]
    found = [Explanation(*one, _text(Path(registry.__file__).parent, one[0])) for one in _OTHERS]
    found += [Explanation(r.id, r.name, r.severity, r.summary, _own_text(r)) for r in every]
    return {one.id: one for one in sorted(found)}


def explanation(platform: Platform, rule: str) -> Explanation:
    """The rule of that id or name.

    Raises `UsageError` where tapgen and the platform have none.
    """
    known = explanations(platform)
    for one in known.values():
        if rule.lower() in {one.id.lower(), one.name}:
            return one
    close = guess(rule, [*known, *(one.name for one in known.values())])
    meant = f"Did you mean {close}? " if close else ""
    raise UsageError(
        f"there is no rule {rule!r} of tapgen or of the platform",
        f"{meant}They are {', '.join(known)}. A finding of another tool has a link to its rule "
        "in `tapgen lint --format sarif`.",
    )


def _own_text(rule: Rule[Any]) -> str:
    check = rule.check.func if isinstance(rule.check, partial) else rule.check
    module = getattr(sys.modules[check.__module__], "__file__", None)
    return _text(Path(module).parent, rule.id) if module else ""


def _text(folder: Path, rule: str) -> str:
    try:
        return (folder / "explained" / f"{rule}.md").read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
