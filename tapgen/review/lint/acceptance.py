"""Findings that were weighed and accepted, each on the resource it concerns, with its reason.

`Metadata.tapgen.Accepted` of a resource maps a rule to the reason: one of tapgen's own by its name,
one of a scanner by its id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tapgen.model.layer import METADATA_KEY
from tapgen.model.templates.positions import locate
from tapgen.model.templates.template import Template
from tapgen.review.lint.findings import Finding
from tapgen.review.lint.rule_ids import GUARD

STALE_ID: Final = "T040"
STALE_NAME: Final = "stale-acceptance"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A rule that a resource may break, and why."""

    layer: str
    logical_id: str
    rule: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is accepted by this.

        Guard may object to a template without naming a resource; then it is any of its resources
        that accepts the rule.
        """
        if finding.layer != self.layer or self.rule not in {finding.rule, finding.name}:
            return False
        anywhere = not finding.logical_id and GUARD.fullmatch(self.rule)
        return bool(anywhere) or finding.logical_id == self.logical_id


def acceptances(template: Template) -> Iterator[Acceptance]:
    """Yield what the resources of a template accept."""
    for logical_id, resource in template.resources.items():
        own = resource.get("Metadata", {}).get(METADATA_KEY, {})
        for rule, reason in own.get("Accepted", {}).items():
            yield Acceptance(template.layer, logical_id, rule, reason)


def judged(
    findings: Iterable[Finding],
    templates: Mapping[str, Template],
    folder: str,
    asked: Callable[[str], bool] | None = None,
) -> Iterator[Finding]:
    """Yield the findings that nobody accepted, and what is accepted for nothing.

    `asked` tells which rules were asked about everything they could object to; only of those it is
    known that an acceptance is stale.
    """
    weighed = [one for template in templates.values() for one in acceptances(template)]
    used: set[Acceptance] = set()
    for finding in findings:
        covering = [one for one in weighed if one.covers(finding)]
        used.update(covering)
        if not covering:
            yield finding
    for one in weighed:
        if asked and asked(one.rule) and one not in used:
            yield _stale(one, templates[one.layer], folder)


def _stale(one: Acceptance, template: Template, folder: str) -> Finding:
    path = ("Resources", one.logical_id, "Metadata", METADATA_KEY, "Accepted", one.rule)
    line, column = locate(template.text, path)
    return Finding(
        f"{folder}/{one.layer}.json",
        line,
        column,
        STALE_ID,
        STALE_NAME,
        "error",
        f"accepts {one.rule}, which objects to nothing here: remove it",
        layer=one.layer,
        logical_id=one.logical_id,
    )
