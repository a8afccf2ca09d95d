"""Explanations of rules: the requirement, the reason, a template that breaks it, the correction.

`lint --explain` shows them, and docs/reference/rules.md is generated from them. The text of a rule
is `explained/<id>.md` next to the module of its check. The texts of other findings are next to
tapgen's own rules.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import partial
from itertools import groupby
from pathlib import Path
from string import digits
from typing import Any, Final, NamedTuple

from tapgen.errors import UsageError
from tapgen.model.platform import Platform
from tapgen.review.lint.acceptance import STALE_ID, STALE_NAME
from tapgen.review.lint.cost_findings import LIMIT_ID, LIMIT_NAME
from tapgen.review.lint.findings import Severity
from tapgen.review.lint.rule_ids import OF_OTHER_TOOLS
from tapgen.review.lint.rules import registry
from tapgen.review.lint.rules.rule import Rule
from tapgen.review.lint.settings_findings import SETTINGS_ID, SETTINGS_NAME
from tapgen.settings.faults import guess


class Explanation(NamedTuple):
    """A rule: `summary` is its requirement in a sentence, `text` is Markdown and may be empty."""

    id: str
    name: str
    severity: Severity
    summary: str
    text: str


# Findings that do not come from a rule about templates or stacks.
_OTHERS: Final[tuple[tuple[str, str, Severity, str], ...]] = (
    (SETTINGS_ID, SETTINGS_NAME, "error", "Settings match what the platform declares."),
    (STALE_ID, STALE_NAME, "error", "Every acceptance is still needed."),
    (LIMIT_ID, LIMIT_NAME, "error", "No environment costs more than its limit."),
)


def explanations(platform: Platform) -> dict[str, Explanation]:
    """All rules of tapgen and of the platform by id, in the order of ids."""
    rules = registry.rules_for(platform)
    every: list[Rule[Any]] = [*rules.templates, *rules.stacks]
    found = [Explanation(*one, _text(Path(registry.__file__).parent, one[0])) for one in _OTHERS]
    found += [Explanation(r.id, r.name, r.severity, r.summary, _own_text(r)) for r in every]
    return {one.id: one for one in sorted(found)}


def explanation(platform: Platform, rule: str) -> Explanation:
    """The rule with that id or name. Raises `UsageError` if there is none."""
    known = explanations(platform)
    for one in known.values():
        if rule.lower() in {one.id.lower(), one.name}:
            return one
    if any(pattern.fullmatch(rule.upper()) for pattern in OF_OTHER_TOOLS):
        raise UsageError(
            f"{rule!r} is not a rule of tapgen or the platform, but of another tool",
            "`tapgen lint --format sarif` links each finding to the page of its rule.",
        )
    close = guess(rule, [*known, *(one.name for one in known.values())])
    meant = f"Did you mean {close}? " if close else ""
    raise UsageError(
        f"neither tapgen nor the platform has a rule {rule!r}",
        f"{meant}The rules are {listed(known)}.",
    )


def listed(ids: Iterable[str]) -> str:
    """Ids in their order, consecutive ones as "first to last"."""

    def series(numbered: tuple[int, str]) -> tuple[str, int]:
        """A key that is the same for ids that follow each other, such as T009 and T010."""
        place, one = numbered
        prefix = one.rstrip(digits)
        return prefix, int(one[len(prefix) :] or 0) - place

    parts = []
    for _, group in groupby(enumerate(ids), key=series):
        first, *others = [one for _, one in group]
        parts.append(f"{first} to {others[-1]}" if others else first)
    return ", ".join(parts)


def _own_text(rule: Rule[Any]) -> str:
    check = rule.check.func if isinstance(rule.check, partial) else rule.check
    module = getattr(sys.modules[check.__module__], "__file__", None)
    return _text(Path(module).parent, rule.id) if module else ""


def _text(folder: Path, rule: str) -> str:
    try:
        return (folder / "explained" / f"{rule}.md").read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
