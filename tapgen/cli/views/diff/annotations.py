"""Differences as findings, so that they are shown beside the changed lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tapgen.cli.views.diff.words import change, subject
from tapgen.cli.views.findings.github import workflow_commands
from tapgen.cli.views.findings.sarif import sarif
from tapgen.review.diff.effect import Effect
from tapgen.review.diff.report import Comparison, EnvironmentDiff, PropertyChange, ResourceChange
from tapgen.review.lint.findings import Finding, Severity, merged
from tapgen.settings.faults import Source

_SEVERITIES: Final[dict[Effect, Severity]] = {
    Effect.DATA_LOSS: "error",
    Effect.REMOVAL_DATA_LOSS: "error",
    Effect.UNPROTECTED: "error",
    Effect.REPLACEMENT: "warning",
    Effect.DEPENDS: "warning",
    Effect.RETAINED: "warning",
    Effect.REMOVAL: "warning",
    Effect.INTERRUPTION: "warning",
}
_RULES: Final = {effect: f"D{number:03}" for number, effect in enumerate(Effect, start=1)}
_SHOWN: Final = 3  # properties that a message names; a line has room for no more


def sarif_log(comparison: Comparison, _verbosity: int) -> str:
    """SARIF 2.1.0, a result for each resource."""
    return sarif(findings(comparison))


def github_commands(comparison: Comparison, _verbosity: int) -> str:
    """Workflow commands of GitHub Actions, the worst first: it shows ten of a severity."""
    return workflow_commands(findings(comparison))


def findings(comparison: Comparison) -> tuple[Finding, ...]:
    """One for each resource, the same in several environments together, worst first."""
    found = merged(
        _finding(comparison.folder, diff, one)
        for diff in comparison.environments.values()
        for one in diff.resources
    )
    return tuple(sorted(found, key=lambda finding: finding.rule))


def _finding(folder: str, diff: EnvironmentDiff, one: ResourceChange) -> Finding:
    source = _place(one) or Source(f"{folder}{one.layer}.json")
    return Finding(
        path=source.path,
        line=source.line,
        column=source.column,
        rule=_RULES[one.effect],
        name=one.effect.value,
        severity="error" if one.refused else _SEVERITIES.get(one.effect, "informational"),
        message="; ".join(_sentences(one)),
        layer=one.layer,
        logical_id=one.logical_id,
        environments=(diff.environment,),
    )


def _place(one: ResourceChange) -> Source | None:
    """Where the worst of it is caused."""
    ordered = sorted(one.properties, key=lambda changed: changed.effect.rank)
    every = [cause for changed in ordered for cause in changed.causes] + list(one.causes)
    return next((cause.place for cause in every if cause.place), None)


def _sentences(one: ResourceChange) -> Iterator[str]:
    yield f"{one.effect.label} ({subject(one)}, {one.resource_type})"
    if one.refused:
        yield "refused where the environment is protected"
    ordered = sorted(one.properties, key=lambda changed: changed.effect.rank)
    yield from map(_property, ordered[:_SHOWN])
    if len(ordered) > _SHOWN:
        yield f"and {len(ordered) - _SHOWN} more properties"
    yield from one.notes


def _property(changed: PropertyChange) -> str:
    because = ", ".join(
        cause.name for cause in changed.causes if cause.kind != "template" and cause.name
    )
    return f"{changed.path} {change(changed.before, changed.after)}" + (
        f" because of {because}" if because else ""
    )
