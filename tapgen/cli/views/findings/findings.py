"""The output of `tapgen lint`, in the requested format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Final

import click

from tapgen.cli import machine
from tapgen.cli.terminal import echo
from tapgen.cli.views.text import counted
from tapgen.review.lint.findings import Finding, records
from tapgen.review.lint.remembered import Verdict
from tapgen.settings.faults import printable

_COLOURS: Final = {"error": "red", "warning": "yellow", "informational": "cyan"}


def show(findings: Sequence[Finding], output: str) -> None:
    """Print the findings; nothing if the text is empty."""
    text = _FORMS[output](findings)
    if text:
        echo(text)


def summarise(verdict: Verdict) -> None:
    """Print how much was found, and in what."""
    severities = Counter[str](finding.severity for finding in verdict.findings)
    counts = [f"{severities[name]} {name}" for name in _COLOURS if severities[name]]
    environments = ", ".join(verdict.environments) or "no valid environment"
    subject = f"{counted(verdict.templates, 'template')}, {environments}"
    echo(f"{subject}: {', '.join(counts) or 'no findings'}", err=True)


def _text(findings: Sequence[Finding]) -> str:
    lines: list[str] = []
    for path, group in groupby(findings, key=lambda finding: finding.path):
        if lines:
            lines.append("")
        lines.append(click.style(printable(path), bold=True, underline=True))
        for finding in group:
            lines += _entry(finding)
    return "\n".join(lines)


def _entry(finding: Finding) -> list[str]:
    severity = click.style(finding.severity, fg=_COLOURS[finding.severity], bold=True)
    subject = f"{finding.logical_id}: " if finding.logical_id else ""
    rule = click.style(f"({finding.rule} {finding.name})", dim=True)
    # A name or value from a file must not reach the terminal as a control sequence.
    place, message = printable(finding.position), printable(subject + finding.message)
    lines = [f"  {place}  {severity}  {message}  {rule}"]
    notes = [f"in {', '.join(finding.environments)}"] if finding.environments else []
    notes += [f"change {finding.source}"] if finding.source else []
    return [*lines, *(click.style(f"      {note}", dim=True) for note in notes)]


def _json(findings: Sequence[Finding]) -> str:
    return machine.text_of({"findings": records(findings)})


def _sarif(findings: Sequence[Finding]) -> str:
    from tapgen.cli.views.findings.sarif import sarif

    return sarif(findings)


def _junit(findings: Sequence[Finding]) -> str:
    from tapgen.cli.views.findings.junit import junit

    return junit(findings)


def _github(findings: Sequence[Finding]) -> str:
    from tapgen.cli.views.findings.github import workflow_commands

    return workflow_commands(findings)


_FORMS: Final[dict[str, Callable[[Sequence[Finding]], str]]] = {
    "text": _text,
    "json": _json,
    "sarif": _sarif,
    "junit": _junit,
    "github": _github,
}
