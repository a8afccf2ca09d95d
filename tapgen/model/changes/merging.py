"""Merging two descriptions of one change set.

CloudFormation describes a change set with or without property values. The description with values
may leave out whole resources (its status reason then says "[WARN] --include-property-values"), the
other one has no values. Together they are complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from tapgen.model.changes.change import Change, PropertyChange

# From harmless to worst: if the two disagree, the worse one counts.
_REPLACEMENTS = ("", "False", "Conditional", "True")


def merged(plain: Sequence[Change], detailed: Iterable[Change]) -> tuple[Change, ...]:
    """Every change of both, in the order of `plain`, with the values that `detailed` knows.

    No resource, property or cause of either is lost.
    """
    others = {change.logical_id: change for change in detailed}
    both = [_both(change, others.pop(change.logical_id, None)) for change in plain]
    return (*both, *others.values())


def _both(plain: Change, detailed: Change | None) -> Change:
    if detailed is None:
        return plain
    return replace(
        plain,
        replacement=max(plain.replacement, detailed.replacement, key=_REPLACEMENTS.index),
        policy_action=plain.policy_action or detailed.policy_action,
        physical_id=plain.physical_id or detailed.physical_id,
        details=_details(plain.details, detailed.details),
    )


def _details(
    plain: Iterable[PropertyChange], detailed: Sequence[PropertyChange]
) -> tuple[PropertyChange, ...]:
    """The details with values, then those without that have another property or cause."""
    told = {(*detail.subject, detail.source, detail.cause) for detail in detailed}
    missing = (d for d in plain if (*d.subject, d.source, d.cause) not in told)
    return (*detailed, *dict.fromkeys(missing))
