"""Findings as annotations of a GitHub Actions run (workflow commands on stdout)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tapgen.cli.views.findings.places import in_repository
from tapgen.cli.views.text import listed
from tapgen.review.lint.findings import Finding

_NAMES: Final = 6  # environments that an annotation names; the rest is counted
_LEVELS: Final = {"error": "error", "warning": "warning", "informational": "notice"}


def workflow_commands(findings: Sequence[Finding]) -> str:
    """One command a line."""
    return "\n".join(map(_annotation, findings))


def _annotation(finding: Finding) -> str:
    properties = {
        "file": in_repository(finding.path),
        "line": str(finding.line),
        "col": str(finding.column),
        "title": f"{finding.rule} {finding.name}",
    }
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{_LEVELS[finding.severity]} {written}::{_data(_described(finding))}"


def _described(finding: Finding) -> str:
    """The message, with everything that has no field of its own in an annotation."""
    subject = f"{finding.logical_id}: " if finding.logical_id else ""
    where = f" (in {listed(finding.environments, _NAMES)})" if finding.environments else ""
    source = f". Change {finding.source}" if finding.source else ""
    return f"{subject}{finding.message}{where}{source}"


def _data(text: str) -> str:
    """Escape as GitHub's own toolkit does (actions/toolkit, packages/core/src/command.ts)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
