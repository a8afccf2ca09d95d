"""Differences as a comment in a pull request, found again by its first line."""

from __future__ import annotations

from typing import Final

import click

from tapgen.cli.views.diff.text import comparison_lines
from tapgen.cli.views.diff.words import counts, layer_word, unchanged
from tapgen.cli.views.markdown import code, longest_run, table
from tapgen.cli.views.text import listed
from tapgen.review.diff.report import Comparison, LayerDiff

# A bot finds its comment by it, so it never changes.
MARKER: Final = "<!-- tapgen diff -->"
_LONGEST: Final = 60_000  # characters; GitHub takes comments of 65,536
_FRAME: Final = 120  # characters of what stands around the details
_NAMES: Final = 6  # environments that a row names; the rest is counted
_HEADINGS: Final = ("environment", "stack", "worst effect", "resources", "deployment")


def markdown(comparison: Comparison, verbosity: int) -> str:
    """The marker, a row for each stack that differs, and folded details while there is room."""
    lines = [MARKER, f"### tapgen diff against {code(comparison.against)}", ""]
    if not comparison.differs:
        return "\n".join([*lines, "No environment differs.", *_costs(comparison, verbosity)])
    most = None if verbosity > 0 else _NAMES
    rows = [(listed(them, most), *cells) for cells, them in _rows(comparison).items()]
    lines.append(table(_HEADINGS, rows))
    if same := unchanged(comparison, most):
        lines += ["", f"Unchanged: {'; '.join(same)}."]
    lines += _costs(comparison, verbosity)
    text = "\n".join(lines)
    return text + _details(comparison, verbosity, _LONGEST - len(text))


def _costs(comparison: Comparison, verbosity: int) -> list[str]:
    """The change's addition to monthly costs, if that was requested."""
    if not comparison.costs:
        return []
    from tapgen.cli.views.cost import diff_parts, parts_markdown

    parts = diff_parts(comparison.costs, comparison.against, verbosity)
    return ["", parts_markdown(parts) if parts else "No environment's monthly cost changes."]


def _rows(comparison: Comparison) -> dict[tuple[str, ...], list[str]]:
    """Stack, effect, resources and refusal -> the environments that share them."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for diff in comparison.environments.values():
        for layer in diff.layers:
            if layer.kind != "same":
                rows.setdefault(_cells(layer), []).append(diff.environment)
    return rows


def _cells(layer: LayerDiff) -> tuple[str, ...]:
    refused = "**refused**: protected" if layer.refused else ""
    return layer.layer, f"**{layer_word(layer)}**", counts(layer.resources) or "none", refused


def _details(comparison: Comparison, verbosity: int, room: int) -> str:
    """As much of the text as fits into `room` characters, and where to find the rest."""
    lines = click.unstyle("\n".join(comparison_lines(comparison, verbosity))).splitlines()
    fence = "`" * max(3, longest_run("\n".join(lines)) + 1)
    heading = f"\n\n<details><summary>{counts(comparison.resources) or 'no resource'}</summary>\n\n"
    room -= len(heading) + len(fence) * 2 + _FRAME
    kept = 0
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept += 1
    shown = "\n".join(lines[:kept])
    left = len(lines) - kept
    rest = f"\n\nToo long to show, {left} more lines: run `tapgen diff --all`." if left else ""
    return f"{heading}{fence}text\n{shown}\n{fence}\n\n</details>{rest}"
