"""Differences as findings, so that they are shown next to the changed lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tapgen.cli.views.diff.words import subject
from tapgen.cli.views.findings.github import workflow_commands
from tapgen.cli.views.findings.sarif import sarif
from tapgen.cli.views.text import listed
from tapgen.cli.views.values import Shown, limit, several
from tapgen.review.diff.effect import Effect
from tapgen.review.diff.reading.together import SharedResource, together
from tapgen.review.diff.report import Comparison, PropertyChange
from tapgen.review.lint.findings import Finding, Severity
from tapgen.settings.faults import Source

_SEVERITIES: Final[dict[Effect, Severity]] = {
    Effect.DATA_LOSS: "error",
    Effect.REMOVAL_DATA_LOSS: "error",
    Effect.UNPROTECTED: "error",
    Effect.FAILS: "error",
    Effect.REPLACEMENT: "warning",
    Effect.DEPENDS: "warning",
    Effect.RETAINED: "warning",
    Effect.REMOVAL: "warning",
    Effect.INTERRUPTION: "warning",
}
# Alerts are dismissed by their IDs, so these stay: later effects have higher numbers.
_LATER: Final = (Effect.FAILS,)
_RULES: Final = {
    effect: f"D{number:03}"
    for number, effect in enumerate(
        [*(effect for effect in Effect if effect not in _LATER), *_LATER], start=1
    )
}
_NAMES: Final = 6  # environments that a message names; the rest is counted
_SHOWN: Final = 3  # properties that a message names; a line has room for no more


def sarif_log(comparison: Comparison, verbosity: int) -> str:
    """SARIF 2.1.0, a result for each resource."""
    return sarif(findings(comparison, verbosity))


def github_commands(comparison: Comparison, verbosity: int) -> str:
    """GitHub Actions workflow commands, the worst first: GitHub shows ten for each severity."""
    return workflow_commands(findings(comparison, verbosity))


def findings(comparison: Comparison, verbosity: int) -> tuple[Finding, ...]:
    """One finding for each resource, with all environments that share it, worst first."""
    found = together(comparison, every=True).resources
    return tuple(_finding(comparison.folder, one, verbosity) for one in found)


def _finding(folder: str, one: SharedResource, verbosity: int) -> Finding:
    changed = one.change
    source = _place(one) or Source(f"{folder}{changed.layer}.json")
    return Finding(
        path=source.path,
        line=source.line,
        column=source.column,
        rule=_RULES[changed.effect],
        name=changed.effect.value,
        severity="error" if one.refused else _SEVERITIES.get(changed.effect, "informational"),
        message="; ".join(_sentences(one, verbosity)),
        layer=changed.layer,
        logical_id=changed.logical_id,
        environments=one.environments,
    )


def _place(one: SharedResource) -> Source | None:
    """Where the worst of it is caused."""
    every = [cause for each in one.properties for cause in each.one.causes]
    return next((cause.place for cause in [*every, *one.change.causes] if cause.place), None)


def _sentences(one: SharedResource, verbosity: int) -> Iterator[str]:
    changed = one.change
    yield f"{changed.effect.label} ({subject(changed)}, {changed.resource_type})"
    most = None if verbosity > 0 else _NAMES
    if one.refused:
        verb = "is" if len(one.refused) == 1 else "are"
        yield f"refused: {listed(one.refused, most)} {verb} protected"
    told = one.properties if verbosity > 0 else one.properties[:_SHOWN]
    values = several(
        [(each.one.path, each.one.before, each.one.after) for each in told], limit(verbosity)
    )
    for each, words in zip(told, values, strict=True):
        apart = len(each.environments) < len(one.environments)
        yield _property(each.one, words) + (
            f" in {listed(each.environments, most)}" if apart else ""
        )
    if len(one.properties) > len(told):
        yield f"and {len(one.properties) - len(told)} more properties"
    yield from changed.notes


def _property(changed: PropertyChange, words: Shown) -> str:
    because = ", ".join(
        dict.fromkeys(
            cause.name for cause in changed.causes if cause.kind != "template" and cause.name
        )
    )
    return f"{words} because of {because}" if because else str(words)
