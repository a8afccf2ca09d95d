"""The output of `tapgen cost`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from tapgen.cli import machine
from tapgen.cli.terminal import echo, remark
from tapgen.cli.views.markdown import table as table_in_markdown
from tapgen.cli.views.text import counted, listed, table
from tapgen.review.cost.lines import Estimate, Line, Origin, Span, Unpriced, assumptions, origins

if TYPE_CHECKING:
    from tapgen.operations.spending import Costs
    from tapgen.review.cost.change import CostChange
    from tapgen.review.cost.refresh import Refreshed

# A bot finds its comment in a pull request by it, so it never changes.
MARKER: Final = "<!-- tapgen cost -->"
_CENT: Final = Decimal("0.01")
_AMOUNT: Final = Decimal("0.001")
_NAMES: Final = 6
_ROWS: Final = 30  # causes of a change, in a comparison that shows other things as well
_NOTHING: Final = Span()
_MORE: Final = "+ ?"  # behind a sum that lacks something
_FIELDS: Final = (
    *("environment", "layer", "resource", "type", "component", "region", "unit"),
    *("quantity_low", "quantity_high", "usd_low", "usd_high", "by_usage", "price_as_of"),
)


class Part(NamedTuple):
    """A table with its title."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


def show(costs: Costs, output: str, verbosity: int) -> None:
    """Print the estimates as text, json, markdown or csv."""
    if output == "json":
        machine.show(_record(costs))
    elif output == "csv":
        echo(_csv(costs), nl=False)
    elif output == "markdown":
        echo(_markdown(costs, verbosity))
    else:
        echo(_text(costs, verbosity))
        for note in _notes(costs):
            remark(note)
    if costs.refreshed and output in {"text", "csv"}:
        for note in _refresh_notes(costs.refreshed):
            remark(note)


def parts_text(parts: Iterable[Part]) -> str:
    """The tables as text, each below its title."""
    return "\n\n".join(
        f"{click.style(part.title, bold=True)}\n{table(part.headings, part.rows)}" for part in parts
    )


def parts_markdown(parts: Iterable[Part]) -> str:
    """The tables in markdown, each below its title."""
    return "\n\n".join(
        f"#### {part.title}\n\n{table_in_markdown(part.headings, part.rows)}" for part in parts
    )


def _text(costs: Costs, verbosity: int) -> str:
    return parts_text(_parts(costs, verbosity))


def _markdown(costs: Costs, verbosity: int) -> str:
    tables = parts_markdown(_parts(costs, verbosity))
    notes = [*_notes(costs), *(_refresh_notes(costs.refreshed) if costs.refreshed else ())]
    return "\n\n".join([f"{MARKER}\n### tapgen cost", tables, *notes])


def _parts(costs: Costs, verbosity: int) -> Iterator[Part]:
    if costs.refreshed and costs.refreshed.changes:
        yield _price_changes(costs.refreshed)
    if costs.label:
        yield from change_parts(costs.changes, costs.label)
    else:
        yield _sums(costs.environments, in_columns=len(costs.environments) <= _NAMES)
        if costs.explained:
            yield _explanation(costs)
        if len(costs.environments) == 1 or verbosity > 0:
            for name, estimate in costs.environments.items():
                yield Part(name, *_lines(estimate))
    yield from _unpriced({name: one.unpriced for name, one in costs.environments.items()})


def _price_changes(refreshed: Refreshed) -> Part:
    """A row for each price whose value from AWS is not the previous one."""
    rows = [
        [
            one.component,
            one.unit,
            one.region,
            _exact(one.old) or "-",
            _exact(one.new) or "-",
        ]
        for one in refreshed.changes
    ]
    headings = ("component", "for one", "region", "before", "now")
    return Part("Prices that have changed, in US dollars", headings, rows)


def _sums(environments: Mapping[str, Estimate], *, in_columns: bool) -> Part:
    """A row for each layer, and the sums of fixed and usage-based costs.

    For many environments, the sums are columns, and environments with equal costs share a row.
    """
    if not in_columns:
        sums: dict[tuple[str, ...], list[str]] = {}
        for name, one in environments.items():
            row = (*(_span(one.total(by_usage=used)) for used in (False, True)), _sum(one))
            sums.setdefault(row, []).append(name)
        rows = [[listed(names, _NAMES), *row] for row, names in sums.items()]
        return Part("US dollars a month", ("environment", "fixed", "by usage", "total"), rows)
    layers = dict.fromkeys(layer for one in environments.values() for layer in one.layers)
    rows = [[layer, *(_sum(one, layer) for one in environments.values())] for layer in layers]
    for word, by_usage in (("fixed", False), ("by usage", True)):
        rows.append([word, *(_span(one.total(by_usage=by_usage)) for one in environments.values())])
    rows.append(["total", *map(_sum, environments.values())])
    return Part("US dollars a month", ["layer", *environments], rows)


def _unpriced(environments: Mapping[str, Iterable[Unpriced]]) -> Iterator[Part]:
    """A row for each resource without a price, which is in no sum; no table if all have one."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, unpriced in environments.items():
        for one in unpriced:
            found.setdefault((f"{one.layer}.{one.logical_id}", one.what), []).append(name)
    if found:
        rows = [[*key, listed(names, _NAMES)] for key, names in found.items()]
        headings = ("resource", "what", "environments")
        yield Part(f"Without a known price, so not in any sum ({_MORE} above)", headings, rows)


def _explanation(costs: Costs) -> Part:
    """A row for each setting that causes a difference, with its values in both environments."""
    rows = [
        [
            one.setting.setting,
            *(side.text or "-" for side in (one.setting.first, one.setting.second)),
            _difference(one.change),
        ]
        for one in costs.explained
        if one.change != _NOTHING
    ]
    return Part("What causes the difference", ["setting", *costs.environments, "change"], rows)


def _lines(estimate: Estimate) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """A row for each component of each resource, except those that cost nothing."""
    headings = ("resource", "component", "quantity", "USD a month")
    rows = [
        [
            f"{line.layer}.{line.logical_id}",
            _component(line) + (" (usage)" if line.by_usage else ""),
            f"{_amounts(line.quantity)} {line.unit}",
            "?" if line.cost is None else _span(line.cost),
        ]
        for line in estimate.lines
        if line.cost != _NOTHING
    ]
    return headings, rows


def _component(line: Line) -> str:
    """Its name, without the table's remark in brackets about the price."""
    return line.component.partition(" (")[0]


def change_parts(
    changes: Mapping[str, CostChange], label: str, most: int | None = None
) -> Iterator[Part]:
    """The costs of environments before and now, then the causes of the difference.

    Environments with equal values share a row. A layer has its own row if the cost of several of
    its resources changes. Rows beyond `most` causes are only counted.
    """
    sums: dict[tuple[str, ...], list[str]] = {}
    found: dict[tuple[str, str], list[str]] = {}
    for name, one in changes.items():
        row = (_sum(one.before), _sum(one.after), _difference(one.total))
        sums.setdefault(row, []).append(name)
        for what, change in _making(one):
            found.setdefault((what, _difference(change)), []).append(name)
    title = f"US dollars a month, against {label}"
    rows = [[listed(names, _NAMES), *row] for row, names in sums.items()]
    yield Part(title, ("environment", "before", "now", "change"), rows)
    if found:
        changed = [[*key, listed(names, _NAMES)] for key, names in found.items()]
        left = len(changed[most:]) if most else 0
        rest = [[f"{left} more: `tapgen cost --against` shows them", "", ""]] if left else []
        headings = ("resource", "change", "environments")
        yield Part("What causes the change", headings, [*changed[:most], *rest])


def diff_parts(changes: Mapping[str, CostChange], label: str, verbosity: int) -> list[Part]:
    """The same for a comparison, with the resources that have no price."""
    unpriced = {name: one.unpriced for name, one in changes.items()}
    most = None if verbosity > 0 else _ROWS
    return [*changing(changes, label, most), *_unpriced(unpriced)]


def changing(changes: Mapping[str, CostChange], label: str, most: int | None = None) -> list[Part]:
    """The same for environments whose cost changes; empty if none does."""
    other = {name: one for name, one in changes.items() if one.resources}
    return [*change_parts(other, label, most)] if other else []


def standing(environments: Mapping[str, Estimate], *, in_columns: bool) -> Iterator[Part]:
    """The costs of environments, a column or a row for each, and the resources without a price."""
    yield _sums(environments, in_columns=in_columns)
    yield from _unpriced({name: one.unpriced for name, one in environments.items()})


def summary_record(estimate: Estimate) -> dict[str, Any]:
    """The sums of an estimate as JSON values."""
    return {
        "total": span_record(estimate.total()),
        "fixed": span_record(estimate.total(by_usage=False)),
        "by_usage": span_record(estimate.total(by_usage=True)),
        "complete": estimate.is_complete(),
        "layers": {layer: span_record(estimate.total(layer)) for layer in estimate.layers},
    }


def _making(change: CostChange) -> Iterator[tuple[str, Span]]:
    """Each layer in which the cost of several resources changes, and each such resource."""
    resources = change.resources
    for layer, sum_ in change.layers.items():
        own = {name: one for name, one in resources.items() if name.startswith(f"{layer}.")}
        if len(own) > 1:
            yield f"{layer}, {len(own)} resources", sum_
        yield from own.items()


def _notes(costs: Costs) -> Iterator[str]:
    """Charges whose amount is not declared, assumptions, and the origin of the prices."""
    unsaid = dict.fromkeys(what for one in costs.environments.values() for what in one.unsaid)
    if unsaid:
        yield f"Not counted, because the amount is not declared: {'; '.join(unsaid)}."
    yield from _assumptions(costs)
    for one in _origins(costs):
        where = f"from {one.file}" if one.file else "from tapgen's own table"
        yield f"{counted(one.prices, 'price')} {where}, dated {_days(one.oldest, one.newest)}."
    if costs.unused:
        yield f"Prices that nothing uses: {'; '.join(costs.unused)}."


def _origins(costs: Costs) -> tuple[Origin, ...]:
    return origins([*costs.environments.values(), *costs.before.values()])


def _refresh_notes(refreshed: Refreshed) -> Iterator[str]:
    """The changes to the price file."""
    days = sorted(row.source_date for row in refreshed.listed)
    published = f", published {_days(days[0], days[-1])}" if days else ""
    kept = f"; {len(refreshed.kept)} of your own are unchanged" if refreshed.kept else ""
    file = refreshed.file
    prices = counted(len(refreshed.listed), "price")
    yield f"{file} has {prices} from AWS's Price List{published}{kept}."
    if refreshed.without:
        names = "; ".join(refreshed.without)
        yield f"Not fetched from AWS, because tapgen has no query for them: {names}."


def _days(oldest: str, newest: str) -> str:
    return (oldest if oldest == newest else f"{oldest} to {newest}") or "unknown"


def _assumptions(costs: Costs) -> tuple[str, ...]:
    return assumptions([*costs.environments.values(), *costs.before.values()])


def _record(costs: Costs) -> dict[str, Any]:
    return {
        "currency": "USD",
        "prices": _prices_record(_origins(costs)),
        "refreshed": costs.refreshed and _refreshed_record(costs.refreshed),
        "assumptions": list(_assumptions(costs)),
        "against": costs.label or None,
        "explained": [
            {
                "setting": one.setting.setting,
                "change": span_record(one.change),
            }
            for one in costs.explained
        ],
        "environments": {
            name: _estimate_record(one, costs.before.get(name))
            for name, one in costs.environments.items()
        },
    }


def _prices_record(origins_: Sequence[Origin]) -> dict[str, Any]:
    """Age and origin of the prices used."""
    days = sorted(day for one in origins_ for day in (one.oldest, one.newest) if day)
    return {
        "oldest": days[0] if days else None,
        "newest": days[-1] if days else None,
        "origins": [{**one._asdict(), "file": one.file or None} for one in origins_],
    }


def _refreshed_record(refreshed: Refreshed) -> dict[str, Any]:
    return {
        "file": str(refreshed.file),
        "listed": len(refreshed.listed),
        "kept": len(refreshed.kept),
        "changes": [
            {**one._asdict(), "old": _exact(one.old), "new": _exact(one.new)}
            for one in refreshed.changes
        ],
        "without_query": list(refreshed.without),
    }


def _exact(amount: Decimal | None) -> str | None:
    """A price in digits: some are far below a cent."""
    return None if amount is None else f"{amount.normalize():f}"


def _estimate_record(estimate: Estimate, before: Estimate | None) -> dict[str, Any]:
    return {
        **summary_record(estimate),
        "before": before and span_record(before.total()),
        "lines": [_line_record(line) for line in estimate.lines],
        "unpriced": [one._asdict() for one in estimate.unpriced],
        "not_counted": list(estimate.unsaid),
    }


def _line_record(line: Line) -> dict[str, Any]:
    return {
        "layer": line.layer,
        "logical_id": line.logical_id,
        "type": line.type,
        "component": line.component,
        "region": line.region,
        "unit": line.unit,
        "quantity": {"low": float(line.quantity.low), "high": float(line.quantity.high)},
        "cost": line.cost and span_record(line.cost),
        "by_usage": line.by_usage,
        "price_source": line.source,
        "price_as_of": line.as_of,
        "price_file": line.file or None,
    }


def span_record(span: Span) -> dict[str, float]:
    """A span as JSON values, in cents."""
    return {"low": _dollars(span.low), "high": _dollars(span.high)}


def _dollars(amount: Decimal) -> float:
    return float(amount.quantize(_CENT))


def _csv(costs: Costs) -> str:
    """A row for each component of each resource, for a spreadsheet.

    A resource without known components has a row without component, quantity and price.
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_FIELDS)
    for name, estimate in costs.environments.items():
        for line in estimate.lines:
            cost = ("", "") if line.cost is None else map(_dollars, line.cost)
            rows.writerow(
                [
                    *(name, line.layer, line.logical_id, line.type, line.component, line.region),
                    *(line.unit, *map(float, line.quantity), *cost),
                    *(str(line.by_usage).lower(), line.as_of),
                ]
            )
        counted = {(line.layer, line.logical_id) for line in estimate.lines}
        for one in estimate.unpriced:
            if (one.layer, one.logical_id) not in counted:
                row = (name, one.layer, one.logical_id, one.what)
                rows.writerow([*row, *[""] * (len(_FIELDS) - len(row))])
    return text.getvalue()


def _sum(estimate: Estimate, layer: str = "") -> str:
    """A sum, with a mark if it is not complete."""
    more = "" if estimate.is_complete(layer) else f" {_MORE}"
    return _span(estimate.total(layer)) + more


def _span(span: Span) -> str:
    low, high = (f"{amount.quantize(_CENT):,}" for amount in span)
    return low if low == high else f"{low} to {high}"


def _difference(span: Span) -> str:
    low, high = (f"{amount.quantize(_CENT) + 0:+,}" for amount in span)
    return low if low == high else f"{low} to {high}"


def _amounts(span: Span) -> str:
    low, high = (f"{amount.quantize(_AMOUNT).normalize():,f}" for amount in span)
    return low if low == high else f"{low} to {high}"
