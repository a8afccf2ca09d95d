"""What a change set would do to a stack, line by line, worst first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

import click

from tapgen.cli.views.runs.outcomes import BAD
from tapgen.model.changes.causes import in_words
from tapgen.model.changes.change import KNOWN_AFTER_APPLY, Change, PropertyChange
from tapgen.model.plan import Planned, Refusal

# Beyond so many resources, properties of one resource and characters of one value, the rest is
# folded; --verbose shows all.
_RESOURCES: Final = 12
_PROPERTIES: Final = 6
_CHARACTERS: Final = 72
_SIGNS: Final = {"Add": "+", "Remove": "-", "Import": ">"}
_REPLACED: Final = {"True": " is replaced", "Conditional": " may be replaced"}
_FATES: Final = {"Delete": "deleted", "Retain": "kept", "Snapshot": "kept as a snapshot"}


def change_lines(entry: Planned, verbosity: int, refusals: Sequence[Refusal] = ()) -> list[str]:
    """The changes of a stack as indented lines, with what guards refuse of them."""
    losses = entry.data_losses
    ordered = sorted(
        entry.change_set.changes,
        key=lambda change: (change not in losses, not change.loses, change.logical_id),
    )
    shown = ordered if verbosity > 0 else ordered[:_RESOURCES]
    lines: list[str] = []
    for change in shown:
        mark = "  DATA LOSS" if change in losses else ""
        mark += refused([one for one in refusals if one.resource == change.logical_id])
        colour = BAD if change.loses else None
        lines.append(click.style(f"    {change_words(change)}{mark}", fg=colour))
        lines += _folded(list(_property_lines(entry, change, verbosity)), verbosity)
    if len(shown) < len(ordered):
        lines.append(f"    and {len(ordered) - len(shown)} more (--verbose shows them)")
    return lines


def refused(refusals: Sequence[Refusal]) -> str:
    """What is refused, and what would allow it, behind what it is about; "" where nothing is."""
    return "".join(f"  REFUSED{_way_out(refusal)}" for refusal in refusals)


def _way_out(refusal: Refusal) -> str:
    if refusal.option:
        return f", {refusal.option} would allow it"
    return f": {refusal.hint if refusal.resource else refusal.reason}"


def change_words(change: Change) -> str:
    """One resource: "! Table (AWS::DynamoDB::Table) is replaced, the old one is kept"."""
    sign = "!" if change.replaces else _SIGNS.get(change.action, "~")
    text = f"{sign} {change.logical_id} ({change.resource_type})"
    text += _REPLACED.get(change.replacement, "")
    fate = _FATES.get(change.policy_action.removeprefix("ReplaceAnd"), "")
    if not fate:
        return text
    return f"{text}, the old one is {fate}" if change.replaces else f"{text} is {fate}"


def _property_lines(entry: Planned, change: Change, verbosity: int) -> Iterator[str]:
    """A line for each property.

    What has values says nothing more without them, nor do the stack's tags beside the resource's.
    """
    valued = {detail.subject for detail in change.details if detail.has_values}
    hidden = {("Tags", "")} if ("Properties", "Tags") in valued else set()
    told = [
        detail
        for detail in change.details
        if (detail.has_values or detail.subject not in valued) and detail.subject not in hidden
    ]
    for place, group in groupby(sorted(told, key=_place), key=_place):
        details = list(group)
        causes = in_words(entry.stack, details, entry.change_set.changes)
        because = f", because {' and '.join(causes)}" if causes else ""
        yield f"        {place}{_values(details[0], verbosity)}{because}"


def _place(detail: PropertyChange) -> str:
    path = detail.path.removeprefix("/Properties/").removeprefix("/")
    return path or detail.name or detail.attribute


def _values(detail: PropertyChange, verbosity: int) -> str:
    if not detail.has_values:
        return ""
    if detail.before is None and detail.after == KNOWN_AFTER_APPLY:
        return f": {detail.after}"
    before, after = (
        "(none)" if value is None else _short(value, verbosity)
        for value in (detail.before, detail.after)
    )
    return f": {before} -> {after}"


def _short(value: str, verbosity: int) -> str:
    text = " ".join(value.split()) or '""'
    if verbosity > 0 or len(text) <= _CHARACTERS:
        return text
    return f"{text[:_CHARACTERS]}... ({len(text)} characters)"


def _folded(lines: list[str], verbosity: int) -> list[str]:
    if verbosity > 0 or len(lines) <= _PROPERTIES:
        return lines
    rest = len(lines) - _PROPERTIES
    return [*lines[:_PROPERTIES], f"        and {rest} more (--verbose shows them)"]
