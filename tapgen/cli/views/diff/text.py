"""Differences for people: by effect, the worst first, what is unchanged in one line."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

import click

from tapgen.cli.views.diff.words import (
    BAD,
    COLOURS,
    causes,
    change,
    counts,
    listed,
    refactor_command,
    subject,
)
from tapgen.review.diff.effect import Effect
from tapgen.review.diff.report import (
    Comparison,
    EnvironmentDiff,
    LayerDiff,
    PropertyChange,
    ResourceChange,
)
from tapgen.settings.faults import printable

# Beyond this many, what is below a heading is folded; --verbose shows all.
_FOLD: Final = 8


def text(comparison: Comparison, verbosity: int) -> str:
    """Every environment in turn."""
    parts = [
        "\n".join(environment_lines(diff, comparison.against, verbosity))
        for diff in comparison.environments.values()
    ]
    return "\n\n".join(parts)


def environment_lines(diff: EnvironmentDiff, against: str, verbosity: int) -> Iterator[str]:
    """One environment: effects, then the stacks themselves, refactors, and the sum."""
    name = click.style(diff.environment, bold=True)
    if not diff.differs:
        yield f"{name} is the same as {against}"
        return
    yield f"{name} against {against}"
    fold = _FOLD if verbosity <= 0 else len(diff.resources)
    for effect, group in groupby(listed(diff), key=lambda one: one.effect):
        yield from _effect(effect, list(group), diff, fold)
    yield from _stacks(diff)
    for refactor in diff.refactors:
        yield ""
        yield click.style("Instead of removing and adding, as a stack refactor:", fg="cyan")
        yield from (f"  {line}" for line in refactor_command(refactor).splitlines())
    yield ""
    yield _summary(diff)


def _effect(
    effect: Effect, group: list[ResourceChange], diff: EnvironmentDiff, fold: int
) -> Iterator[str]:
    yield ""
    yield click.style(effect.label, fg=COLOURS.get(effect), bold=True)
    for one in group[:fold]:
        refused = f"  REFUSED: {diff.environment} is protected" if one.refused else ""
        yield f"  {subject(one)}  {one.resource_type}{click.style(refused, fg=BAD)}"
        yield from (f"      {line}" for line in _details(one, fold))
    if len(group) > fold:
        yield f"  and {len(group) - fold} more (--verbose shows them)"


def _details(one: ResourceChange, fold: int) -> Iterator[str]:
    ordered = sorted(one.properties, key=lambda changed: changed.effect.rank)
    for changed in ordered[:fold]:
        yield _property(changed, one)
    if len(ordered) > fold:
        yield f"and {len(ordered) - fold} more properties (--verbose shows them)"
    if not one.properties and one.causes:
        yield click.style(f"because of {causes(one.causes)}", dim=True)
    yield from (f"note: {note}" for note in one.notes)


def _property(changed: PropertyChange, one: ResourceChange) -> str:
    line = f"{printable(changed.path)}: {change(changed.before, changed.after)}"
    if changed.effect is not one.effect:
        line += f"  ({changed.effect.label})"
    if changed.reason:
        line += f"  {changed.reason}"
    return line + click.style(f"  {causes(changed.causes)}", dim=True)


def _stacks(diff: EnvironmentDiff) -> Iterator[str]:
    changed = [layer for layer in diff.layers if layer.kind != "same"]
    lines = [line for layer in changed for line in _stack(layer)]
    if lines:
        yield ""
        yield click.style("stacks", bold=True)
        yield from (f"  {line}" for line in lines)


def _stack(layer: LayerDiff) -> Iterator[str]:
    if layer.kind in {"added", "removed"}:
        count = len(layer.resources)
        yield f"{layer.layer} is {layer.kind}, {count} resource{'' if count == 1 else 's'}"
    for one in layer.stack:
        because = f"  {causes(one.causes)}" if one.causes else ""
        what = f"{one.what} {printable(one.name)}".rstrip()
        values = change(one.before, one.after)
        yield f"{layer.layer} {what}: {values}{click.style(because, dim=True)}"
    for output in layer.outputs:
        reaches = f"  reaches {', '.join(output.reaches)}" if output.reaches else ""
        values = change(output.before, output.after)
        yield f"{layer.layer} output {output.name}: {values}{reaches}"
    if not (layer.resources or layer.stack or layer.outputs):
        yield f"{layer.layer}: the template differs, no resource does"


def _summary(diff: EnvironmentDiff) -> str:
    same = [layer.layer for layer in diff.layers if layer.kind == "same"]
    differing = len(diff.layers) - len(same)
    found = counts(diff.resources) or "no resource touched"
    unchanged = f"\nunchanged: {', '.join(same)}" if same else ""
    return f"{differing} of {len(diff.layers)} stacks differ: {found}{unchanged}"
