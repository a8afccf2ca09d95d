"""The output of `tapgen parity --live`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import click

from tapgen.cli import machine
from tapgen.cli.terminal import echo
from tapgen.cli.views.markdown import table as table_in_markdown
from tapgen.cli.views.parity import COLUMNS, Part, cut, rows_of
from tapgen.cli.views.text import columns, counted, folded, listed, table
from tapgen.model.parts.running import results
from tapgen.operations.sameness import Behaved
from tapgen.review.parity.behaviour import Comparison, Difference, Latency
from tapgen.review.parity.traits import IGNORED
from tapgen.settings.faults import printable

# A bot finds its comment in a pull request by it, so it never changes.
MARKER: Final = "<!-- tapgen parity --live -->"
_ALIKE: Final = 1  # exchanges with the same difference that are named; --verbose names all
_HEADERS: Final = 3  # ignored headers that are named; --verbose and json name all
_ABSENT: Final = "-"


def show(found: Behaved, output: str, verbosity: int) -> None:
    """Print the comparison as text, json or markdown."""
    if output == "json":
        machine.show(record(found))
    elif output == "markdown":
        echo(markdown(found))
    else:
        echo(text(found, columns(results()), verbosity))


def text(found: Behaved, width: int | None = None, verbosity: int = 0) -> str:
    """Differences, then durations, then the verdict; as tables if they fit into `width`."""
    blocks = []
    for part in _parts(found.comparison, verbosity):
        title = click.style(part.title, bold=True, fg="red" if part.bad else None)
        blocks.append(f"{title}\n{_body(part, width)}")
    told = _notes(found, verbosity) if verbosity >= 0 else ()
    notes = [folded(f"note: {note}", width) for note in told]
    if notes:
        blocks.append("\n".join(notes))
    return "\n\n".join([*blocks, folded(verdict(found.comparison), width)])


def markdown(found: Behaved) -> str:
    """The same as a comment in a pull request, found again by its first line."""
    tables = (
        f"#### {part.title}\n\n{table_in_markdown(part.headings, part.rows)}"
        for part in _parts(found.comparison, 0)
    )
    notes = "\n".join(f"- {note}" for note in _notes(found, 0))
    heading = f"{MARKER}\n### tapgen parity --live"
    return "\n\n".join([heading, f"**{verdict(found.comparison)}**", *tables, notes])


def record(found: Behaved) -> dict[str, Any]:
    """The comparison as JSON values."""
    comparison = found.comparison
    return {
        "environments": comparison.environments,
        "against": None if found.against is None else str(found.against),
        "writes": found.writes,
        "samples": found.samples,
        "holds": comparison.holds,
        "exchanges": comparison.exchanges,
        "differences": [
            {
                "exchange": one.exchange,
                "what": one.trait,
                "values": one.values,
                "may_differ": bool(one.why),
                "why": one.why or None,
            }
            for one in comparison.differences
        ],
        "latency_ms": {
            name: {environment: asdict(latency) for environment, latency in each.items()}
            for name, each in comparison.latency.items()
        },
        "not_compared": {name: list(asked) for name, asked in comparison.unheard.items()},
        "ignored_headers": IGNORED,
        "unused_declarations": [
            {"what": one.what, "exchange": one.exchange, "why": one.why} for one in comparison.idle
        ],
    }


def verdict(comparison: Comparison) -> str:
    """The answer in one line."""
    names = listed(comparison.environments, COLUMNS)
    if len(comparison.environments) == 1:
        held = counted(len(comparison.exchanges), "exchange")
        return f"{names}: {held} recorded. There is no other environment to compare it with."
    if comparison.holds:
        held = counted(len(comparison.exchanges), "exchange")
        allowed = ", except for what may differ" if comparison.differences else ""
        return f"{names}: the same in {held}{allowed}."
    alike = {(one.trait, *sorted(one.values.items(), key=str)) for one in comparison.forbidden}
    places = {one.exchange for one in comparison.forbidden}
    return (
        f"{names}: NOT the same: {counted(len(alike), 'difference')}, "
        f"in {counted(len(places), 'exchange')}."
    )


def _parts(comparison: Comparison, verbosity: int) -> Iterator[Part]:
    may = [one for one in comparison.differences if one.why]
    if comparison.forbidden:
        yield _differences(
            "Differs and must not", comparison, comparison.forbidden, verbosity, bad=True
        )
    if may:
        yield _differences("Differs, as it may", comparison, may, verbosity)
    if comparison.latency and verbosity >= 0:
        yield _latency(comparison)


def _differences(
    title: str,
    comparison: Comparison,
    found: Sequence[Difference],
    verbosity: int,
    *,
    bad: bool = False,
) -> Part:
    """A row for each trait that differs in the same way, with all exchanges that have it."""
    grouped: dict[tuple[str, ...], list[str]] = {}
    for one in found:
        values = _values(one.values, comparison.environments, verbosity)
        grouped.setdefault((printable(one.trait), one.why, *values), []).append(one.exchange)
    named = None if verbosity > 0 else _ALIKE
    rows = [
        row
        for (trait, why, *values), exchanges in grouped.items()
        for row in rows_of(
            [trait],
            dict(zip(comparison.environments, values, strict=True)),
            [listed(exchanges, named), *([] if bad else [why])],
        )
    ]
    why = () if bad else ("why",)
    return Part(title, ("what", *_columns(comparison, "value"), "in", *why), rows, bad)


def _values(
    found: Mapping[str, str | None], environments: Sequence[str], verbosity: int
) -> list[str]:
    """A cell for each environment; different values never look the same."""
    whole = {value: value and printable(value) for value in found.values()}
    each = {value: cut(text) for value, text in whole.items()}
    if verbosity > 0 or len(set(each.values())) < len(each):
        each = {value: text or cut(text) for value, text in whole.items()}
    return [each[found[one]] if one in found else "not known" for one in environments]


def _columns(comparison: Comparison, what: str) -> Sequence[str]:
    names = comparison.environments
    return names if len(names) <= COLUMNS else (what, "environments")


def _latency(comparison: Comparison) -> Part:
    """Quantiles of exchanges that were repeated; json has the durations of the others."""
    often = {
        name: each
        for name, each in comparison.latency.items()
        if any(one.samples > 1 for one in each.values())
    }
    rows = [
        row
        for name, each in (often or comparison.latency).items()
        for row in rows_of(
            [name], {e: _quantiles(each.get(e)) for e in comparison.environments}, []
        )
    ]
    title = "Milliseconds (p50 / p90 / p99), not compared"
    return Part(title, ("exchange", *_columns(comparison, "value")), rows)


def _quantiles(found: Latency | None) -> str:
    return f"{found.p50} / {found.p90} / {found.p99}" if found else _ABSENT


def _body(part: Part, width: int | None) -> str:
    """A table; if it does not fit, a paragraph for each row."""
    whole = table(part.headings, part.rows)
    if width is None or all(len(click.unstyle(line)) <= width for line in whole.split("\n")):
        return whole
    paragraphs = []
    for row in part.rows:
        first, *others = zip(part.headings, row, strict=True)
        lines = [folded(first[1], width)] if first[1] else []
        lines += [folded(f"  {heading}: {cell}", width) for heading, cell in others if cell]
        paragraphs.append("\n".join(lines))
    return "\n".join(paragraphs)


def _notes(found: Behaved, verbosity: int) -> Iterator[str]:
    comparison = found.comparison
    if not found.writes:
        yield "requests that write were left out; --write includes them"
    most = None if verbosity > 0 else _HEADERS
    yield f"headers that are never compared: {listed(IGNORED, most)}"
    asked: dict[tuple[str, ...], list[str]] = {}
    for name, environments in comparison.unheard.items():
        asked.setdefault(environments, []).append(name)
    for environments, names in asked.items():
        asked_only = ", ".join(environments)
        yield f"not compared, because only {asked_only} was asked: {listed(names, most)}"
    for one in comparison.idle:
        yield f"{one} is declared to differ ({one.why}), but does not"
