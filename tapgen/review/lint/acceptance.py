"""Accepted findings: each on the resource that it concerns, with a reason.

`Metadata.tapgen.Accepted` of a resource maps a rule to the reason: rules of tapgen by name, those
of a scanner by id.
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
        """True if this accepts the finding.

        A finding of Guard may name no resource; then any resource of the template may accept it.
        """
        if finding.layer != self.layer or self.rule not in {finding.rule, finding.name}:
            return False
        anywhere = not finding.logical_id and GUARD.fullmatch(self.rule)
        return bool(anywhere) or finding.logical_id == self.logical_id


def acceptances(template: Template) -> Iterator[Acceptance]:
    """Yield the acceptances of a template's resources."""
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
    """Yield the findings that are not accepted, and one for each stale acceptance.

    `asked` is true for rules that have checked everything; only their acceptances can be stale.
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
        f"accepts {one.rule}, which has no finding here: remove it",
        layer=one.layer,
        logical_id=one.logical_id,
    )
