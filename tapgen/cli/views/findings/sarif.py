"""Findings as SARIF 2.1.0, which code scanning services accept (OASIS standard)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from tapgen import __version__
from tapgen.cli.views.findings.places import in_repository
from tapgen.review.lint.findings import Finding

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT: Final = "%SRCROOT%"  # as the standard's examples call it
_LEVELS: Final = {"error": "error", "warning": "warning", "informational": "note"}


def sarif(findings: Sequence[Finding]) -> str:
    """Return the log: one run, its rules, its results."""
    rules = {finding.rule: _rule(finding) for finding in findings}
    indices = {rule: index for index, rule in enumerate(rules)}
    driver = {"name": "tapgen", "version": __version__, "rules": list(rules.values())}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "results": [_result(finding, indices[finding.rule]) for finding in findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(finding: Finding) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": finding.rule,
        "shortDescription": {"text": finding.name},
        "defaultConfiguration": {"level": _LEVELS[finding.severity]},
    }
    return rule | {"helpUri": finding.url} if finding.url else rule


def _result(finding: Finding, index: int) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(in_repository(finding.path)), "uriBaseId": _ROOT},
            "region": {"startLine": finding.line, "startColumn": finding.column},
        }
    }
    if finding.logical_id:
        name = f"{finding.layer}.{finding.logical_id}"
        location["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "resource"}]
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [location],
        "properties": {"environments": list(finding.environments), "source": finding.source},
    }


def _uri(path: str) -> str:
    from urllib.parse import quote

    return quote(path)
