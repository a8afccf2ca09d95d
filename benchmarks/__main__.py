"""`python -m benchmarks [--runs N] [row]...`: measure rows and write the results."""

from __future__ import annotations

import argparse
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Final

from benchmarks import growth, results
from benchmarks.harness import Row

# The modules in `rows/`, in the order of the table. Each yields one row or more.
ROWS: Final = (
    "start",
    "render",
    "render_cached",
    "many",
    "lint_cold",
    "lint_cached",
    "lint_one_layer",
    "diff_all",
    "cost",
    "deploy",
    "deploy_30",
)
GROWTH: Final = "growth"  # measures the points of a picture


def main() -> int:
    """Measure. Exits with 3 if a row is over its limit."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument(
        "rows", nargs="*", metavar="row", help=f"any of {', '.join((*ROWS, GROWTH))}"
    )
    parser.add_argument("--runs", type=int, default=5, help="runs of the slow rows (5)")
    parser.add_argument("--keep", action="store_true", help="write results.json and the document")
    options = parser.parse_args()
    if unknown := set(options.rows) - {*ROWS, GROWTH}:
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    measured: list[Row] = []
    grown: results.Growth = {}
    for name in options.rows or (*ROWS, GROWTH):
        with tempfile.TemporaryDirectory(prefix="tapgen-bench-") as folder:
            if name == GROWTH:
                grown = growth.measure(Path(folder, name), options.runs)
                continue
            module = import_module(f"benchmarks.rows.{name}")
            for row in module.measure(Path(folder, name), options.runs):
                print(_line(row), flush=True)
                measured.append(row)
    if options.keep:
        rows = results.save(measured, grown)
        results.put_into(results.DOCUMENT, "table", results.table(rows))
    return 0 if all(row.kept for row in measured) else 3


def _line(row: Row) -> str:
    verdict = "ok  " if row.kept else "OVER"
    ratio, limit = row.ratio, row.claim.limit
    cost, floor = row.cost, row.floor_cost
    processor = f" (CPU {cost.cpu / floor.cpu:.2f})" if floor.cpu else ""
    return (
        f"{verdict} {ratio:6.2f} of {limit:.2f}{processor:12} "
        f"{row.claim.name:20} {cost.wall:8.3f} s, CPU {cost.cpu:.3f} s, {cost.peak:.0f} MiB; "
        f"floor {floor.wall:.3f} s, CPU {floor.cpu:.3f} s"
    )


if __name__ == "__main__":
    sys.exit(main())
