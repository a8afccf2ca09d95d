"""The output of `tapgen parity`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import click

from tapgen.cli import machine
from tapgen.cli.terminal import echo
from tapgen.cli.views.markdown import table as table_in_markdown
from tapgen.cli.views.text import listed, spread, table
from tapgen.model.deployed.stack_status import ABSENT
from tapgen.review.parity.comparison import (
    NOT_CHECKED,
    LayerParity,
    Observed,
    ParameterDifference,
    Parity,
)

# A bot finds its comment in a pull request by it, so it never changes.
MARKER: Final = "<!-- tapgen parity -->"
_HASH_SHOWN: Final = 12  # hexadecimal digits; json has all of them
COLUMNS: Final = 6  # environments that have a column each; of more, values name who has them
_NAMES: Final = 4  # environments that such a row names; the rest is counted
_VALUES: Final = 3  # of a parameter, the most common ones; json has all of them
_LONGEST: Final = 40  # characters of a value in a table; json has all of them
_DRIFT: Final = {
    NOT_CHECKED: "not checked",
    "IN_SYNC": "in sync",
    "DRIFTED": "drifted",
    "UNKNOWN": "unknown",
}


class Part(NamedTuple):
    """A table with its title; `bad` if it holds differences that must not exist."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    bad: bool = False


def show(parity: Parity, output: str) -> None:
    """Print the comparison as text, json or markdown."""
    echo({"text": text, "json": as_json, "markdown": markdown}[output](parity))


def text(parity: Parity) -> str:
    """The matrix of hashes, then what differs, then the verdict."""
    blocks = []
    for part in _parts(parity):
        title = click.style(part.title, bold=True, fg="red" if part.bad else None)
        blocks.append(f"{title}\n{table(part.headings, part.rows)}")
    return "\n\n".join([*blocks, *_remarks(parity), verdict(parity)])


def markdown(parity: Parity) -> str:
    """The same as a comment in a pull request, found again by its first line."""
    tables = (
        f"#### {part.title}\n\n{table_in_markdown(part.headings, part.rows)}"
        for part in _parts(parity)
    )
    heading = f"{MARKER}\n### tapgen parity"
    return "\n\n".join([heading, f"**{verdict(parity)}**", *tables, *_remarks(parity)])


def as_json(parity: Parity) -> str:
    """Everything, with full hashes and values."""
    return machine.text_of(parity_record(parity))


def parity_record(parity: Parity) -> dict[str, Any]:
    """The comparison as JSON values."""
    return {
        "compared": "deployed" if parity.deployed else "declared",
        "drift_detected": parity.detected,
        "environments": parity.environments,
        "holds": parity.holds,
        "layers": {layer.layer: _record(layer) for layer in parity.layers},
    }


def verdict(parity: Parity) -> str:
    """The answer in one line."""
    where = "deployed" if parity.deployed else "declared"
    names = listed(parity.environments, COLUMNS)
    if parity.holds and len(parity.environments) == 1:
        return f"{names}: deployed as declared. There is no other environment to compare it with."
    if parity.holds:
        return f"{names}: identical as {where}, except for what may vary."
    failing = ", ".join(layer.layer for layer in parity.layers if not layer.holds)
    return f"{names}: NOT identical as {where}. Look at {failing}."


def _parts(parity: Parity) -> Iterator[Part]:
    yield _matrix(parity)
    must = [(x, d) for x in parity.layers for d in x.differences if not d.allowed]
    may = [(x, d) for x in parity.layers for d in x.differences if d.allowed]
    if must:
        yield _differences(parity, "Parameters that differ and must not", must, bad=True)
    deviations = [
        [one.environment, layer.layer, one.what, cut(one.declared), cut(one.deployed)]
        for layer in parity.layers
        for one in layer.deviations
    ]
    if deviations:
        headings = ("environment", "layer", "what", "declared", "deployed")
        yield Part("Not deployed as declared", headings, deviations, bad=True)
    if may:
        yield _differences(parity, "Parameters that differ, as they may", may)
    if parity.deployed:
        yield _drift(parity)


def _matrix(parity: Parity) -> Part:
    rows: list[list[str]] = []
    for layer in parity.layers:
        cells = {name: _cell(layer.found.get(name)) for name in parity.environments}
        word = identity(layer, same=layer.same_template)
        rows += rows_of([layer.layer], cells, [word, _counts(layer)])
        if layer.code:
            hashes = {name: _code(layer.code.get(name)) for name in parity.environments}
            word = identity(layer, same=layer.same_code)
            rows += rows_of([f"{layer.layer} (code)"], hashes, [word, ""])
    where = "deployed" if parity.deployed else "declared"
    headings = ("layer", *_columns(parity, "hash"), "hashes", "parameters")
    return Part(f"Templates and code as {where}", headings, rows)


def _columns(parity: Parity, what: str) -> Sequence[str]:
    return parity.environments if len(parity.environments) <= COLUMNS else (what, "environments")


def rows_of(before: list[str], values: Mapping[str, str], after: list[str]) -> Iterator[list[str]]:
    """A row with the value of each environment; for many, a row for each of the common values."""
    if len(values) <= COLUMNS:
        yield [*before, *values.values(), *after]
        return
    found = spread(values)
    # "and 1 more" is not shorter than the value.
    shown = found if len(found) <= _VALUES + 1 else found[:_VALUES]
    for number, (text, names) in enumerate(shown):
        cells = [text, listed(names, _NAMES)]
        yield [*before, *cells, *after] if not number else [*_blank(before), *cells, *_blank(after)]
    if rest := found[len(shown) :]:
        others = [name for _, names in rest for name in names]
        cells = [f"{len(rest)} more values", listed(others, _NAMES)]
        yield [*_blank(before), *cells, *_blank(after)]


def _blank(cells: list[str]) -> list[str]:
    return [""] * len(cells)


def _cell(sighting: Observed | None) -> str:
    if sighting is None:
        return "left out"
    if sighting.template:
        return sighting.template[:_HASH_SHOWN]
    return "not deployed" if sighting.status == ABSENT else sighting.status


def _code(key: str | None) -> str:
    """The hash within `functions/<hash>.zip`."""
    return key.rpartition("/")[2].removesuffix(".zip")[:_HASH_SHOWN] if key else "-"


def identity(layer: LayerParity, *, same: bool) -> str:
    """Whether the layer is the same in all environments, in a word or two."""
    if len(layer.found) == 1:
        return "only one"
    if same:
        return "identical"
    return "different" if all(s.template for s in layer.found.values()) else "not proven"


def _counts(layer: LayerParity) -> str:
    if sum(bool(sighting.template) for sighting in layer.found.values()) <= 1:
        return "-"
    must, may = len(layer.forbidden), len(layer.differences) - len(layer.forbidden)
    parts = [f"{must} must not differ"] if must else []
    parts += [f"{may} may differ"] if may else []
    return ", ".join(parts) or "all equal"


def _differences(
    parity: Parity,
    title: str,
    found: Sequence[tuple[LayerParity, ParameterDifference]],
    *,
    bad: bool = False,
) -> Part:
    """One row for each parameter that differs in the same way, with all layers that have it."""
    grouped: dict[tuple[str, ...], list[str]] = {}
    for layer, one in found:
        values = (cut(one.values.get(name)) for name in parity.environments)
        key = (one.parameter, _origin(one), *values)
        grouped.setdefault(key, []).append(layer.layer)
    rows = [
        row
        for (name, origin, *values), layers in grouped.items()
        for row in rows_of(
            [name, origin],
            dict(zip(parity.environments, values, strict=True)),
            [", ".join(layers)],
        )
    ]
    headings = ("parameter", "from", *_columns(parity, "value"), "layers")
    return Part(title, headings, rows, bad)


def _origin(found: ParameterDifference) -> str:
    """The setting, and the other environment's output that it refers to."""
    read = [f"{source} in {environment}" for environment, source in found.read.items()]
    return ", ".join([found.origin or "nothing declared", *read])


def _drift(parity: Parity) -> Part:
    rows = []
    for name in parity.environments:
        states: dict[str, list[str]] = {}
        for layer in parity.layers:
            if (sighting := layer.found.get(name)) and sighting.template:
                states.setdefault(sighting.drift, []).append(layer.layer)
        rows += [[name, _DRIFT[state], ", ".join(layers)] for state, layers in states.items()]
    bad = any(layer.drifted for layer in parity.layers)
    title = "Drift, as detected now" if parity.detected else "Drift, as last detected"
    return Part(title, ("environment", "drift", "layers"), rows, bad)


def _remarks(parity: Parity) -> Iterator[str]:
    for layer in parity.layers:
        if layer.unknown:
            names = ", ".join(layer.unknown)
            yield f"{layer.layer}: {names} cannot be compared, because secrets are not read."


def _record(layer: LayerParity) -> dict[str, Any]:
    return {
        "holds": layer.holds,
        "same_template": layer.same_template,
        "same_code": layer.same_code,
        "environments": {
            name: {
                "template_sha256": sighting.template or None,
                "code_key": layer.code.get(name),
                "status": sighting.status or None,
                "drift": sighting.drift,
            }
            for name, sighting in layer.found.items()
        },
        "parameters": [
            {
                "name": d.parameter,
                "from": d.origin,
                "read": {environment: str(source) for environment, source in d.read.items()},
                "may_vary": d.allowed,
                "values": d.values,
            }
            for d in layer.differences
        ],
        "not_as_declared": [
            {
                "environment": one.environment,
                "what": one.what,
                "declared": one.declared,
                "deployed": one.deployed,
            }
            for one in layer.deviations
        ],
        "not_compared": layer.unknown,
    }


def cut(value: str | None) -> str:
    """A value, shortened for a table cell."""
    if not value:
        return "-" if value is None else '""'
    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 3]}..."
