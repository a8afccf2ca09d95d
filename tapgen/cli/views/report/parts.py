"""Words and rows for the page's templates, from the values of a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from tapgen.cli.views import cost
from tapgen.cli.views.cost import Part
from tapgen.cli.views.diff.words import COLOURS, counts, layer_word
from tapgen.cli.views.parity import COLUMNS, identity
from tapgen.cli.views.text import counted, listed, spread
from tapgen.cli.views.values import LONGEST, fingerprints, pair, value
from tapgen.model.changes.differences import ABSENT
from tapgen.model.layer import Layer
from tapgen.review.diff.effect import Effect, worst
from tapgen.review.diff.reading.together import Shared, Whole
from tapgen.review.diff.report import Comparison, LayerDiff, OutputChange, StackChange
from tapgen.review.parity.comparison import Parity
from tapgen.review.parity.matrix import Row
from tapgen.review.report import NotCompared, Report

_NAMES: Final = 6  # environments that a row names; the rest is counted
COMMON: Final = 3  # values of a parameter that are shown at once
_DIGITS: Final = 12  # of a hash
_BAD: Final = "red"
_GOOD: Final = "good"
_PLAIN: Final = "plain"
# Colour is never the only mark: each tone has its own sign and stands next to words.
SIGNS: Final = {"red": "▲", "yellow": "◆", "cyan": "➜", "green": "+", _GOOD: "✓", _PLAIN: "•"}
SEVERITY_TONES: Final = {"error": _BAD, "warning": "yellow", "informational": "cyan"}


class Figure(NamedTuple):
    """One of the answers at the top: its subject, the answer, and the facts behind it."""

    title: str
    section: str
    answer: str
    note: str
    tone: str


class Parameter(NamedTuple):
    """A parameter that differs in the same way in all of `layers`; a text for each environment."""

    name: str
    origin: str
    values: dict[str, str]
    layers: list[str]


class Pair(NamedTuple):
    """A value before and after, each on one line, and whole if it was shortened.

    `sign` is "+" if the value was added and "-" if it was removed; the other side is then empty.
    """

    before: str
    after: str
    whole: tuple[str, str] | None
    sign: str = ""


def tone(effect: Effect | None) -> str:
    """The tone of an effect; None stands for no resource touched."""
    return COLOURS.get(effect, _PLAIN) if effect else _PLAIN


def values(before: Any, after: Any) -> Pair:
    """A change as the page shows it."""
    whole = pair(before, after, None)
    if before is ABSENT:
        return _alone("+", whole[1], value(after, LONGEST))
    if after is ABSENT:
        return _alone("-", whole[0], value(before, LONGEST))
    if fingerprints(before, after):
        return Pair("a fingerprint", "a different one", whole)
    short = pair(before, after)
    return Pair(*short, None if whole == short else whole)


def _alone(sign: str, whole: str, short: str) -> Pair:
    """A value that was added or removed."""
    sides = (short, "") if sign == "-" else ("", short)
    both = (whole, "") if sign == "-" else ("", whole)
    return Pair(*sides, None if whole == short else both, sign)


def effects(layers: Iterable[LayerDiff]) -> list[Effect]:
    """The effects on resources of the stacks, each once, worst first."""
    found = {change.effect for layer in layers for change in layer.resources}
    return sorted(found, key=lambda effect: effect.rank)


def predicted(comparison: Comparison) -> bool:
    """Whether the effects predict a deployment, which has no other environment as its start."""
    return all(change.effect is not Effect.DIFFERS for change in comparison.resources)


def impacted(report: Report) -> dict[str, list[LayerDiff]]:
    """Layer -> its stack in each compared environment."""
    found: dict[str, list[LayerDiff]] = {}
    if isinstance(report.impact, Comparison):
        for diff in report.impact.environments.values():
            for layer in diff.layers:
                found.setdefault(layer.layer, []).append(layer)
    return found


def costs(report: Report) -> list[Part]:
    """The change's addition to monthly costs, the costs of environments, and missing prices."""
    found = report.impact
    added = cost.changing(found.costs, found.against) if isinstance(found, Comparison) else []
    return [*added, *cost.standing(report.costs, in_columns=not many(report))]


def releases(report: Report) -> dict[str, list[list[str]] | str]:
    """The newest releases of each environment under `release_headings`, or why there are none."""
    from tapgen.cli.views.runs.history import row  # loads what runs need

    return {
        name: one if isinstance(one, str) else [row(release) for release in one]
        for name, one in (report.history or {}).items()
    }


def release_headings() -> Sequence[str]:
    from tapgen.cli.views.runs.history import HEADINGS

    return HEADINGS


def stacks(comparison: Comparison) -> list[Shared[LayerDiff]]:
    """The stacks that differ, once for environments with the same counts."""
    found: dict[tuple[str, ...], list[tuple[str, LayerDiff]]] = {}
    for diff in comparison.environments.values():
        for layer in diff.layers:
            if layer.kind != "same":
                key = (layer.layer, layer_word(layer), counts(layer.resources))
                found.setdefault(key, []).append((diff.environment, layer))
    return [Shared(each[0][1], tuple(name for name, _ in each)) for each in found.values()]


def said(one: StackChange | OutputChange | Whole) -> str:
    """The part of a stack that changes, in words: `tag Owner`, `output TableName`."""
    match one:
        case StackChange():
            return f"{one.what} {one.name}".rstrip()
        case OutputChange():
            return f"output {one.name}"
        case Whole(kind="changed"):
            return "the template differs, but no resource"
    return f"{one.kind}, {counted(one.resources, 'resource')}"


def many(report: Report) -> bool:
    """Whether a column for each environment would be wider than a page."""
    return len(report.parity.environments) > COLUMNS


def names(environments: Sequence[str]) -> str:
    """Environments on one line; of many, the first ones and the number of the others."""
    return listed(environments, _NAMES)


def stacks_of(row: Row) -> list[tuple[str, list[str]]]:
    """The template of a layer, or why it is left out, with the environments concerned."""
    return spread(
        {
            cell.environment: cell.stack.template.sha256[:_DIGITS]
            if cell.stack
            else f"left out: {cell.reason}"
            for cell in row.cells
        }
    )


def where(environments: Sequence[str], of: Sequence[str]) -> str:
    """The environments concerned, in words, out of those that differ."""
    if len(environments) == len(of) > 1:
        return f"all {len(of)} that differ"
    return listed(environments, _NAMES)


def environment_names(report: Report) -> list[str]:
    """Every environment on the page, including those that the change removes."""
    found = {environment.name for environment in report.environments}
    impact = report.impact
    gone = impact.environments.keys() - found if isinstance(impact, Comparison) else set()
    return [*(environment.name for environment in report.environments), *sorted(gone)]


def layer_names(report: Report) -> list[str]:
    """Every layer on the page, including those that the change removes."""
    known = [row.layer.name for row in report.matrix]
    return [*known, *sorted(impacted(report).keys() - set(known))]


def taken(layer: Layer) -> dict[str, list[str]]:
    """Layer -> its outputs that `layer` uses."""
    found: dict[str, list[str]] = {}
    for source in layer.inputs.values():
        found.setdefault(source.layer, []).append(source.output)
    return found


def same(row: Row) -> tuple[str, str]:
    """Whether a layer is identical everywhere, in words, with a tone."""
    found = row.parity
    if found is None:
        return "left out everywhere", _PLAIN
    words = [f"template {identity(found, same=found.same_template)}"]
    words += [f"code {identity(found, same=found.same_code)}"] if found.code else []
    must = len(found.forbidden)
    words += [f"{must} parameter{'' if must == 1 else 's'} must not differ"] if must else []
    return ", ".join(words), _GOOD if found.holds else _BAD


def parameters(parity: Parity, *, allowed: bool) -> list[Parameter]:
    """The parameters that differ and may, or must not; equal rows of several layers are one."""
    found: dict[tuple[str, ...], Parameter] = {}
    for layer in parity.layers:
        for one in layer.differences:
            if one.allowed is not allowed:
                continue
            texts = {name: _text(one.values, name) for name in parity.environments}
            key = (one.parameter, one.origin, *texts.values())
            origin = one.origin or "nothing declared"
            parameter = found.setdefault(key, Parameter(one.parameter, origin, texts, []))
            parameter.layers.append(layer.layer)
    return list(found.values())


def _text(found: Any, environment: str) -> str:
    if environment not in found:
        return "left out"
    text = found[environment]
    return "none" if text is None else text or '""'


def figures(report: Report) -> Iterator[Figure]:
    """The answers at the top, the most important first."""
    yield _impact(report)
    yield _findings(report)
    yield _sameness(report.parity)
    stacks = sum(cell.stack is not None for row in report.matrix for cell in row.cells)
    left_out = sum(len(row.cells) for row in report.matrix) - stacks
    yield Figure(
        "Stacks",
        "matrix",
        str(stacks),
        f"{len(report.matrix)} layers in {len(report.environments)} environments"
        + (f", {left_out} left out" if left_out else ""),
        _PLAIN,
    )


def _impact(report: Report) -> Figure:
    title, found = "Impact", report.impact
    if isinstance(found, NotCompared):
        return Figure(title, "impact", "not compared", "nothing to compare with", "yellow")
    stacks = [layer for diff in found.environments.values() for layer in diff.layers]
    differing = [layer for layer in stacks if layer.kind != "same"]
    note = f"{len(differing)} of {len(stacks)} stacks differ"
    if not found.resources:
        answer = "no resource touched" if differing else "no change"
        return Figure(title, "impact", answer, note, _GOOD)
    most = worst([change.effect for change in found.resources])
    refused = sum(change.refused for change in found.resources)
    note += f", {refused} change{'' if refused == 1 else 's'} refused" if refused else ""
    return Figure(title, "impact", most.label, note, tone(most))


def _findings(report: Report) -> Figure:
    title, found = "Findings", report.findings
    if found is None:
        return Figure(title, "findings", "not checked", "made with --no-lint", "yellow")
    if not found:
        return Figure(title, "findings", "none", "by cfn-lint and tapgen's own rules", _GOOD)
    severities = Counter[str](finding.severity for finding in found)
    present = [name for name in SEVERITY_TONES if severities[name]]
    note = ", ".join(f"{severities[name]} {name}" for name in present)
    return Figure(title, "findings", str(len(found)), note, SEVERITY_TONES[present[0]])


def _sameness(parity: Parity) -> Figure:
    title = "Environments"
    may, must = (len(parameters(parity, allowed=allowed)) for allowed in (True, False))
    if len(parity.environments) == 1:
        return Figure(title, "matrix", "only one", "nothing to compare it with", _PLAIN)
    if parity.holds:
        note = f"except for {may} parameters that may vary"
        return Figure(title, "parameters", "identical", note, _GOOD)
    note = f"{must} parameter{'' if must == 1 else 's'} must not differ"
    return Figure(title, "parameters", "NOT identical", note, _BAD)


def summary(layers: Iterable[LayerDiff]) -> str:
    """How many resources an environment's change touches, and how: `2 in place; 1 addition`."""
    found = [change for layer in layers for change in layer.resources]
    return counts(found) or "no resource touched"
