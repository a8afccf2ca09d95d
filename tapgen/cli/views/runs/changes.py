"""The effect of a change set on a stack, line by line, worst first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

import click

from tapgen.cli.views.runs.outcomes import BAD
from tapgen.cli.views.text import listed
from tapgen.cli.views.values import Shown, fingerprints, limit, several
from tapgen.model.changes.causes import in_words
from tapgen.model.changes.change import KNOWN_AFTER_APPLY, Change, PropertyChange
from tapgen.model.changes.differences import ABSENT, differences
from tapgen.model.changes.secrets import MASK
from tapgen.model.plan import Planned, Refusal
from tapgen.model.templates.stateful import SNAPSHOT_TYPES

# The numbers of resources, of properties of a resource, and of resources that change in the same
# way, beyond which the rest is folded; --verbose shows all.
_RESOURCES: Final = 12
_PROPERTIES: Final = 6
_ALIKE: Final = 4
_SIGNS: Final = {"Add": "+", "Remove": "-", "Import": ">"}
_FATES: Final = {"Delete": "deleted", "Retain": "kept", "Snapshot": "kept as a snapshot"}


class _Row(NamedTuple):
    """Resources that change in the same way, and the lines about the changes in each of them."""

    changes: list[Change]
    mark: str
    colour: str | None
    lines: list[str]


def change_lines(entry: Planned, verbosity: int, refusals: Sequence[Refusal] = ()) -> list[str]:
    """The changes of a stack as indented lines, with the guards' refusals."""
    rows = _rows(entry, verbosity, refusals)
    most = None if verbosity > 0 else _RESOURCES
    lines: list[str] = []
    for row in rows[:most]:
        words = change_words(*row.changes, most=None if verbosity > 0 else _ALIKE)
        lines.append(click.style(f"    {words}{row.mark}", fg=row.colour))
        lines += _folded(row.lines, verbosity)
    if left := sum(len(row.changes) for row in rows[len(rows) if most is None else most :]):
        lines.append(f"    and {left} more (--verbose shows them)")
    return lines


def loss_lines(entry: Planned, refusals: Sequence[Refusal] = ()) -> list[str]:
    """The changes of a stack that lose something, or that guards refuse."""
    rows = [row for row in _rows(entry, 0, refusals) if row.colour or row.mark]
    words = [f"    {change_words(*row.changes, most=_ALIKE)}{row.mark}" for row in rows]
    return [click.style(line, fg=BAD) for line in words]


def _rows(entry: Planned, verbosity: int, refusals: Sequence[Refusal]) -> list[_Row]:
    """Changes that lose data, then those that lose anything else, then the others."""
    losses = entry.data_losses
    rows: dict[object, _Row] = {}
    for change in sorted(
        entry.change_set.changes,
        key=lambda change: (change not in losses, not _loses(change), change.logical_id),
    ):
        mark = "  DATA LOSS" if change in losses else ""
        mark += refused([one for one in refusals if one.resource == change.logical_id])
        lines = list(_property_lines(entry, change, verbosity))
        about = (change.action, change.replacement, change.policy_action, mark, *lines)
        row = _Row([], mark, BAD if _loses(change) else None, lines)
        rows.setdefault(about if lines else change.logical_id, row).changes.append(change)
    return list(rows.values())


def _loses(change: Change) -> bool:
    """Whether a resource is lost; a function version or an API deployment is superseded instead."""
    return change.loses and change.resource_type not in SNAPSHOT_TYPES


def refused(refusals: Sequence[Refusal]) -> str:
    """The text about refusals that follows a change, with what would allow it; "" if none."""
    return "".join(f"  REFUSED{_way_out(refusal)}" for refusal in refusals)


def _way_out(refusal: Refusal) -> str:
    if refusal.option:
        return f", {refusal.option} would allow it"
    return f": {refusal.hint if refusal.resource else refusal.reason}"


def change_words(change: Change, *alike: Change, most: int | None = None) -> str:
    """One resource: "! Table (AWS::DynamoDB::Table) is replaced, the old one is kept".

    Resources that change in the same way are named together, at most `most` of them.
    """
    sign = "!" if _loses(change) and change.replaces else _SIGNS.get(change.action, "~")
    types = {one.resource_type for one in (change, *alike)}
    text = f"{sign} {listed([one.logical_id for one in (change, *alike)], most)}"
    text += f" ({', '.join(types)})" if len(types) == 1 else ""
    verb, old = ("are", "ones") if alike else ("is", "one")
    replaced = "recreated" if change.resource_type in SNAPSHOT_TYPES else "replaced"
    if change.replaces:
        text += f" {verb if change.replacement == 'True' else 'may be'} {replaced}"
    fate = _FATES.get(change.policy_action.removeprefix("ReplaceAnd"), "")
    if not fate:
        return text
    return f"{text}, the old {old} {verb} {fate}" if change.replaces else f"{text} {verb} {fate}"


def _property_lines(entry: Planned, change: Change, verbosity: int) -> Iterator[str]:
    """A line for each part that changes.

    A part with values is not repeated without them; nor are the stack's tags, if the resource's
    own are shown.
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
        for words in _values(change.resource_type, place, details[0], verbosity):
            yield f"        {words}{because}"


def _place(detail: PropertyChange) -> str:
    path = detail.path.removeprefix("/Properties/").removeprefix("/")
    return path or detail.name or detail.attribute


def _values(
    resource_type: str, place: str, detail: PropertyChange, verbosity: int
) -> Sequence[Shown | str]:
    """The differences of a property, down to the smallest part."""
    if not detail.has_values:
        return [place]
    if detail.before is None and detail.after == KNOWN_AFTER_APPLY:
        return [f"{place}: {detail.after}"]
    if detail.before == detail.after == MASK:
        return [f"{place}: a different secret"]
    before, after = (ABSENT if value is None else value for value in (detail.before, detail.after))
    if verbosity <= 0 and fingerprints(before, after):
        return [f"{place}: a different fingerprint"]
    parts = differences(before, after, place, lambda path: _is_set(resource_type, path))
    return several([(one.path, one.before, one.after) for one in parts], limit(verbosity)) or [
        f"{place}: the same in a different order"
    ]


def _is_set(resource_type: str, path: str) -> bool:
    from tapgen.review.diff.requirements import is_set  # reads AWS's schema of the type

    return is_set(resource_type, path)


def _folded(lines: list[str], verbosity: int) -> list[str]:
    if verbosity > 0 or len(lines) <= _PROPERTIES:
        return lines
    rest = len(lines) - _PROPERTIES
    return [*lines[:_PROPERTIES], f"        and {rest} more (--verbose shows them)"]
