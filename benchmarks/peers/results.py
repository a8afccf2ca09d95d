"""What was measured of the peers, as JSON, and the table drawn from it."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from benchmarks.harness import ROOT, Cost

RESULTS: Final = ROOT / "benchmarks" / "peers" / "results.json"
_HEADINGS: Final = ("work", "program", "wall s", "CPU s", "peak MiB", "x wall", "x CPU")


@dataclass(frozen=True)
class Measurement:
    """What a program costs for some work: medians, and medians of its ratios to tapgen.

    Ratios are taken within each turn; tapgen's own are 1.
    """

    work: str
    program: str
    cost: Cost
    wall_ratio: float
    cpu_ratio: float


def load(path: Path = RESULTS) -> list[Measurement]:
    """What is known; nothing where nothing was measured yet."""
    if not path.exists():
        return []
    found = json.loads(path.read_text())["measurements"]
    return [Measurement(**{**one, "cost": Cost(**one["cost"])}) for one in found]


def save(measured: Sequence[Measurement], path: Path = RESULTS) -> None:
    """Put what one run measured in the place of what was there."""
    machine = {
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),  # at the end, of the last minute
    }
    document = {"machine": machine, "measurements": [asdict(one) for one in measured]}
    path.write_text(json.dumps(document, indent=2) + "\n")


def table(measured: Sequence[Measurement]) -> str:
    """A Markdown table."""
    rows = [_HEADINGS, ("---", "---", *["--:"] * (len(_HEADINGS) - 2))]
    rows += [
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
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
