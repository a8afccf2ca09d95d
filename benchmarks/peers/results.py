"""The measurements of the peers, as JSON, and the table drawn from them."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.harness import ROOT, Cost

RESULTS: Final = ROOT / "benchmarks" / "peers" / "results.json"
_COMMANDS: Final = ("work", "program", "wall s", "CPU s", "peak MiB", "x wall", "x CPU")
_DEPLOYMENTS: Final = (
    *("work", "program", "wall s", "CPU s"),
    *("calls of AWS", "of CloudFormation", "x wall"),
)


@dataclass(frozen=True)
class Measurement:
    """The cost of a program for some work: medians, and medians of its ratios to tapgen.

    Ratios are taken within each turn; tapgen's own are 1.
    """

    work: str
    program: str
    cost: Cost
    wall_ratio: float
    cpu_ratio: float


@dataclass(frozen=True)
class Deployment:
    """The cost of a deployment, and its number of AWS calls.

    `own_calls` are those to CloudFormation. The ratio is that of wall seconds to tapgen's.
    """

    work: str
    program: str
    cost: Cost
    calls: int
    own_calls: int
    wall_ratio: float


def load(path: Path = RESULTS) -> tuple[list[Measurement], list[Deployment]]:
    """The saved measurements; empty if there are none yet."""
    found = _document(path)
    return (
        [Measurement(**{**one, "cost": Cost(**one["cost"])}) for one in _in(found, "commands")],
        [Deployment(**{**one, "cost": Cost(**one["cost"])}) for one in _in(found, "deployments")],
    )


def save(
    measured: Sequence[Measurement], deployed: Sequence[Deployment], path: Path = RESULTS
) -> None:
    """Replace the measurements with those of one run. A part that was not measured is kept."""
    parts: dict[str, Sequence[Measurement | Deployment]]
    parts = {"commands": measured, "deployments": deployed}
    machine = {
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),  # at the end, of the last minute
    }
    new = {
        part: {"machine": machine, "measurements": [asdict(one) for one in found]}
        for part, found in parts.items()
        if found
    }
    path.write_text(json.dumps(_document(path) | new, indent=2) + "\n")


def table(measured: Sequence[Measurement]) -> str:
    """Commands as a Markdown table."""
    return _table(
        _COMMANDS,
        [
            (
                one.work,
                one.program,
                f"{one.cost.wall:.2f}",
                f"{one.cost.cpu:.2f}",
                f"{one.cost.peak:.0f}",
                f"{one.wall_ratio:.1f}",
                f"{one.cpu_ratio:.1f}",
            )
            for one in measured
        ],
    )


def deployments(deployed: Sequence[Deployment]) -> str:
    """Deployments as a Markdown table, by the work that was done."""
    return _table(
        _DEPLOYMENTS,
        [
            (
                one.work,
                one.program,
                f"{one.cost.wall:.1f}",
                f"{one.cost.cpu:.2f}",
                str(one.calls),
                str(one.own_calls),
                f"{one.wall_ratio:.2f}",
            )
            for work in dict.fromkeys(one.work for one in deployed)
            for one in deployed
            if one.work == work
        ],
    )


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    marks = ("---", "---", *["--:"] * (len(headings) - 2))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headings, marks, *rows))


def _document(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found


def _in(document: dict[str, Any], part: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document.get(part, {}).get("measurements", [])
    return found
