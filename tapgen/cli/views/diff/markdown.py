"""Differences as a comment in a pull request, found again by its first line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import click

from tapgen.cli.views.diff.text import environment_lines
from tapgen.cli.views.diff.words import counts, layer_word
from tapgen.review.diff.report import Comparison, EnvironmentDiff, LayerDiff

# A bot finds its comment by it, so it never changes.
MARKER: Final = "<!-- tapgen diff -->"
_LONGEST: Final = 60_000  # characters; GitHub takes comments of 65,536
_HEADINGS: Final = ("environment", "stack", "worst effect", "resources", "deployment")


def markdown(comparison: Comparison, verbosity: int) -> str:
    """The marker, a row for each stack that differs, and folded details while there is room."""
    lines = [MARKER, f"### tapgen diff against {_code(comparison.against)}", ""]
    if not comparison.differs:
        return "\n".join([*lines, "No environment differs."])
    lines += [_row(*_HEADINGS), _row(*["---"] * len(_HEADINGS))]
    for diff in comparison.environments.values():
        lines += [_layer(diff, layer) for layer in diff.layers if layer.kind != "same"]
    same = [text for diff in comparison.environments.values() if (text := _unchanged(diff))]
    lines += ["", f"Unchanged: {'; '.join(same)}."] if same else []
    text = "\n".join(lines)
    for diff in comparison.environments.values():
        details = _details(diff, comparison.against, verbosity) if diff.differs else ""
        if len(text) + len(details) > _LONGEST:
            details = f"\n\nToo long to show: run `tapgen diff --env {diff.environment}`."
        text += details
    return text


def _layer(diff: EnvironmentDiff, layer: LayerDiff) -> str:
    refused = "**refused**: protected" if layer.refused else ""
    changes = counts(layer.resources) or "none"
    return _row(diff.environment, layer.layer, f"**{layer_word(layer)}**", changes, refused)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _unchanged(diff: EnvironmentDiff) -> str:
    same = [layer.layer for layer in diff.layers if layer.kind == "same"]
    if not same:
        return ""
    every = len(same) == len(diff.layers)
    return f"{diff.environment} {'as a whole' if every else ', '.join(same)}"


def _details(diff: EnvironmentDiff, against: str, verbosity: int) -> str:
    listing = click.unstyle("\n".join(environment_lines(diff, against, verbosity)))
    fence = "`" * max(3, _longest_run(listing) + 1)
    return (
        f"\n\n<details><summary>{diff.environment}: {counts(diff.resources) or 'no resource'}"
        f"</summary>\n\n{fence}text\n{listing}\n{fence}\n\n</details>"
    )


def _code(text: str) -> str:
    """Inline code, with more backticks around it than are in it."""
    fence = "`" * (_longest_run(text) + 1)
    return f"{fence}{text}{fence}"


def _longest_run(text: str) -> int:
    return max(map(len, _backticks(text)), default=0)


def _backticks(text: str) -> Iterator[str]:
    return (match[0] for match in re.finditer("`+", text))
