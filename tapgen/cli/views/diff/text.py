"""Differences as text: by effect, worst first; differences that environments share once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

import click

from tapgen.cli.views.diff.words import (
    BAD,
    COLOURS,
    causes,
    counts,
    refactor_command,
    subject,
)
from tapgen.cli.views.text import columns, counted, folded, listed
from tapgen.cli.views.values import Shown, fingerprints, limit, several, shown
from tapgen.model.parts.running import results
from tapgen.review.diff.effect import Effect
from tapgen.review.diff.reading.together import (
    Shared,
    SharedResource,
    SharedStack,
    Together,
    Whole,
    changed_alike,
    together,
)
from tapgen.review.diff.report import Comparison, EnvironmentDiff, OutputChange, PropertyChange


class _Limits(NamedTuple):
    """How much is shown before the rest is only counted; None shows everything."""

    resources: int | None
    properties: int | None
    names: int | None
    characters: int | None


def _limits(verbosity: int) -> _Limits:
    if verbosity > 0:
        return _Limits(None, None, None, None)
    return _Limits(resources=8, properties=8, names=6, characters=limit(verbosity))


_FILES: Final = 2  # places of a setting's value that are named; each environment may have its own


def text(comparison: Comparison, verbosity: int) -> str:
    """Every environment, folded to the terminal; then costs, if requested."""
    lines = "\n".join(comparison_lines(comparison, verbosity))
    return folded(
        "\n\n".join(filter(None, [lines, _costs(comparison, verbosity)])), columns(results())
    )


def _costs(comparison: Comparison, verbosity: int) -> str:
    """The change's addition to monthly costs; "" if not requested."""
    if not comparison.costs:
        return ""
    from tapgen.cli.views.cost import diff_parts, parts_text

    parts = diff_parts(comparison.costs, comparison.against, verbosity)
    return parts_text(parts) if parts else "No environment's monthly cost changes."


def comparison_lines(comparison: Comparison, verbosity: int) -> Iterator[str]:
    """Effects, then the stacks themselves, refactors, and the sum."""
    yield from _Lines(comparison, verbosity).lines()


class _Lines:
    """The lines of one comparison."""

    def __init__(self, comparison: Comparison, verbosity: int) -> None:
        self.comparison = comparison
        self.found: Together = together(comparison)
        self.limits = _limits(verbosity)
        self.most = None if verbosity > 0 else _FILES

    def lines(self) -> Iterator[str]:
        against = self.comparison.against
        if self.found.same:
            word = "is" if len(self.found.same) == 1 else "are"
            yield f"{self._names(self.found.same)} {word} the same as {against}"
        if not self.found.differing:
            return
        if self.found.same:
            yield ""
        yield f"{self._names(self.found.differing)} against {against}"
        for effect, group in groupby(self.found.resources, key=lambda one: one.change.effect):
            yield from self._effect(effect, list(group))
        yield from self._stacks()
        for refactor in self.found.refactors:
            yield ""
            heading = "Instead of removing and adding, use a stack refactor"
            where = self._in(refactor.environments, self.found.differing)
            yield click.style(f"{heading}{where}:", fg="cyan")
            yield from (f"  {line}" for line in refactor_command(refactor.one).splitlines())
            if len(refactor.environments) > 1:
                yield f"  likewise for {self._names(refactor.environments[1:])}"
        yield ""
        yield from self._sums()

    def _names(self, environments: Sequence[str]) -> str:
        count = len(environments)
        named = listed(environments, self.limits.names)
        if self.limits.names is None or count <= self.limits.names:
            return click.style(named, bold=True)
        return f"{click.style(f'{count} environments', bold=True)} ({named})"

    def _in(self, environments: Sequence[str], of: Sequence[str]) -> str:
        """The environments concerned; "" if all of `of` are."""
        if len(environments) == len(of):
            return ""
        return f"  in {listed(environments, self.limits.names)}"

    def _effect(self, effect: Effect, group: Sequence[SharedResource]) -> Iterator[str]:
        yield ""
        yield click.style(effect.label, fg=COLOURS.get(effect), bold=True)
        same = changed_alike(group)
        for each in same[: self.limits.resources]:
            one = each[0]
            where = self._in(one.environments, self.found.differing)
            refused = click.style(self._refused(one), fg=BAD)
            yield f"  {_subjects(each, self.limits.names)}{where}{refused}"
            yield from (f"      {line}" for line in self._details(one))
        left = [one for each in same[self.limits.resources or len(same) :] for one in each]
        yield from _rest(left, 0, "  and {} more (--verbose shows them)")

    def _refused(self, one: SharedResource) -> str:
        if not one.refused:
            return ""
        word = "is" if len(one.refused) == 1 else "are"
        return f"  REFUSED: {listed(one.refused, self.limits.names)} {word} protected"

    def _details(self, one: SharedResource) -> Iterator[str]:
        told = one.properties[: self.limits.properties]
        values = several(
            [(each.one.path, each.one.before, each.one.after) for each in told],
            self.limits.characters,
        )
        for each, words in zip(told, values, strict=True):
            yield self._property(one, each, words)
        more = "and {} more properties (--verbose shows them)"
        yield from _rest(one.properties, self.limits.properties, more)
        if not one.properties and one.change.causes:
            yield click.style(f"because of {causes(one.change.causes, self.most)}", dim=True)
        yield from (f"note: {note}" for note in one.change.notes)

    def _property(self, of: SharedResource, each: Shared[PropertyChange], words: Shown) -> str:
        found = each.one
        line = str(words)
        if self.limits.characters and fingerprints(found.before, found.after):
            line = f"{words.path}: a different fingerprint"
        line += self._in(each.environments, of.environments)
        if found.effect is not of.change.effect:
            line += f"  ({found.effect.label})"
        if found.reason:
            line += f"  {found.reason}"
        return line + click.style(f"  {causes(found.causes, self.most)}", dim=True)

    def _stacks(self) -> Iterator[str]:
        if not self.found.stacks:
            return
        yield ""
        yield click.style("stacks", bold=True)
        for one in self.found.stacks[: self.limits.resources]:
            where = self._in(one.environments, self.found.differing)
            yield f"  {_stack(one, self.limits, self.most, where)}"
        more = "  and {} more (--verbose shows them)"
        yield from _rest(self.found.stacks, self.limits.resources, more)

    def _sums(self) -> Iterator[str]:
        """How much differs, once for environments with the same counts."""
        sums: dict[str, list[str]] = {}
        for diff in self.comparison.environments.values():
            if diff.differs:
                sums.setdefault(_summary(diff), []).append(diff.environment)
        for words, environments in sums.items():
            alone = len(environments) == len(self.found.differing)
            yield words if alone else f"{listed(environments, self.limits.names)}: {words}"


def _subjects(found: Sequence[SharedResource], most: int | None) -> str:
    """The resources, and their type if they have the same."""
    named = listed([subject(one.change) for one in found], most)
    types = {one.change.resource_type for one in found}
    return f"{named}  {types.pop()}" if len(types) == 1 else named


def _stack(one: SharedStack, limits: _Limits, most: int | None, where: str) -> str:
    layers = listed(one.layers, None if limits.names is None else limits.names // 2)
    found = one.one
    if isinstance(found, Whole):
        verb = "is" if len(one.layers) == 1 else "are"
        if found.kind == "changed":
            return f"{layers}: the template differs, but no resource{where}"
        return f"{layers} {verb} {found.kind}, {counted(found.resources, 'resource')}{where}"
    what = (
        f"output {found.name}"
        if isinstance(found, OutputChange)
        else f"{found.what} {found.name}".rstrip()
    )
    line = f"{shown(f'{layers} {what}', found.before, found.after, limits.characters)}{where}"
    if isinstance(found, OutputChange):
        return line + (f"  reaches {', '.join(found.reaches)}" if found.reaches else "")
    because = f"  {causes(found.causes, most)}" if found.causes else ""
    return line + click.style(because, dim=True)


def _rest(every: Sequence[object], most: int | None, words: str) -> Iterator[str]:
    if most is not None and len(every) > most:
        yield words.format(len(every) - most)


def _summary(diff: EnvironmentDiff) -> str:
    same = [layer.layer for layer in diff.layers if layer.kind == "same"]
    differing = len(diff.layers) - len(same)
    found = counts(diff.resources) or "no resource touched"
    unchanged = f"; unchanged: {', '.join(same)}" if same else ""
    return f"{differing} of {len(diff.layers)} stacks differ: {found}{unchanged}"
