"""Findings of lint: values with a place in a file, for any view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any, Literal

Severity = Literal["error", "warning", "informational"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to correct.

    `line` and `column` count from 1. `rule` is cfn-lint's id (`E3012`) or tapgen's own (`T010`);
    `name` is its short name. `environments` are those in which it was found, empty if it does not
    depend on one. `source` names the file to change if that is not `path`; `url` explains the rule.
    """

    path: str
    line: int
    column: int
    rule: str
    name: str
    severity: Severity
    message: str
    layer: str = ""
    logical_id: str = ""
    environments: tuple[str, ...] = ()
    source: str = ""
    url: str = ""

    @property
    def position(self) -> str:
        """`path:line:column`, which editors and terminals turn into a link."""
        return f"{self.path}:{self.line}:{self.column}"


def records(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings as JSON values."""
    return [asdict(finding) for finding in findings]


def from_records(found: Iterable[dict[str, Any]]) -> list[Finding]:
    """Findings from the result of `records`."""
    return [Finding(**{**one, "environments": tuple(one["environments"])}) for one in found]


def merged(
    findings: Iterable[Finding], sources: Mapping[str, str] = MappingProxyType({})
) -> tuple[Finding, ...]:
    """One finding for all that differ only in the environment, in order of place.

    `sources` names, by layer, the file to change.
    """
    together: dict[Finding, list[str]] = {}
    for finding in findings:
        names = together.setdefault(replace(finding, environments=()), [])
        names += [name for name in finding.environments if name not in names]
    found = (
        replace(one, environments=tuple(names), source=sources.get(one.layer, one.source))
        for one, names in together.items()
    )
    return tuple(sorted(found, key=lambda one: (one.path, one.line, one.column, one.rule)))
