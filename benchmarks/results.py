"""The measurements, as JSON, and the table drawn from them."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from benchmarks.growth import Point
from benchmarks.harness import ROOT, Claim, Cost, Row

RESULTS: Final = ROOT / "benchmarks" / "results.json"
DOCUMENT: Final = ROOT / "docs" / "performance.md"
_HEADINGS: Final = ("work", "floor", "wall s", "CPU s", "peak MiB", "floor s", "ratio", "limit")


Growth = Mapping[str, Sequence[Point]]


def load(path: Path = RESULTS) -> tuple[dict[str, Row], Growth]:
    """Rows by name, and growth; empty if nothing was measured yet."""
    if not path.exists():
        return {}, {}
    document = json.loads(path.read_text())
    growth = {name: [Point(**one) for one in found] for name, found in document["growth"].items()}
    return {row["claim"]["name"]: _row(row) for row in document["rows"]}, growth


def save(measured: Sequence[Row], growth: Growth, path: Path = RESULTS) -> list[Row]:
    """Replace saved rows with measured ones of the same name. Returns all rows."""
    rows, grown = load(path)
    known = list((rows | {row.claim.name: row for row in measured}).values())
    growth = {**grown, **growth}
    document = {
        "machine": {"python": platform.python_version(), "processors": os.cpu_count()},
        "rows": [asdict(row) for row in known],
        "growth": {name: [asdict(one) for one in points] for name, points in growth.items()},
    }
    path.write_text(json.dumps(document, indent=2) + "\n")
    return known


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [_line(_HEADINGS), _line(["---", "---", *["--:"] * (len(_HEADINGS) - 2)])]
    for row in rows:
        numbers = (
            f"{row.cost.wall:.3f}",
            f"{row.cost.cpu:.3f}",
            f"{row.cost.peak:.0f}",
            f"{row.floor_cost.wall:.3f}",
            f"**{row.ratio:.2f}**" if row.kept else f"{row.ratio:.2f}",
            f"{row.claim.limit:.2f}",
        )
        lines.append(_line([row.claim.work, row.claim.floor, *numbers]))
    return "\n".join(lines)


def put_into(document: Path, name: str, text: str) -> None:
    """Put the text between the markers `<!-- name -->` and `<!-- /name -->` of a document."""
    before, begin, rest = document.read_text().partition(f"<!-- {name} -->\n")
    _, end, after = rest.partition(f"<!-- /{name} -->")
    if not begin or not end:
        raise LookupError(f"{document} has no markers of {name}")
    document.write_text(f"{before}{begin}{text}\n{end}{after}")


def _row(found: dict[str, Any]) -> Row:
    costs = {name: Cost(**found[name]) for name in ("cost", "floor_cost")}
    return Row(**{**found, "claim": Claim(**found["claim"]), **costs})


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
