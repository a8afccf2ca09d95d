"""How the cost of `tapgen render` grows: measured points, which `make pictures` draws."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.harness import ROOT, Command, Cost, measured, middle
from benchmarks.project import Project

_ENVIRONMENTS: Final = (1, 3, 10, 30, 100, 300)
# Renders only the first layers of the registry, and writes the number of their resources.
LAYERS: Final = """
import sys
from dataclasses import replace
from pathlib import Path
from tapgen.settings.store import load_all
from tapgen.payments.platform import PLATFORM
from tapgen.render.rendering import file_changes, render
layers = PLATFORM.layers[:int(sys.argv[1])]
names = {layer.name for layer in layers}
platform = replace(
    PLATFORM,
    layers=layers,
    artifacts=PLATFORM.artifacts if PLATFORM.artifacts.layer in names else None,
    rollback_alarms=tuple(one for one in PLATFORM.rollback_alarms if one[0] in names),
)
rendered = render(platform, load_all(Path("envs"), PLATFORM))
file_changes(rendered, Path("out"), [])
Path("resources").write_text(str(sum(len(t.resources) for t in rendered.templates.values())))
"""


@dataclass(frozen=True)
class Point:
    """CPU seconds (median, minimum and maximum of all runs) and peak memory (MiB) at a size."""

    size: int
    cpu: float
    low: float
    high: float
    peak: float


def measure(folder: Path, runs: int) -> dict[str, list[Point]]:
    """Points by the dimension that grows."""
    environments = []
    for count in _ENVIRONMENTS:
        project = Project(folder / str(count))
        project.multiply(count)
        (costs,) = measured([project.tapgen("render", "--no-cache")], runs)
        environments.append(_point(count, costs))
    return {"environments": environments, **_layers(folder, runs)}


def _layers(folder: Path, runs: int) -> dict[str, list[Point]]:
    project = Project(folder / "layers")
    total = len(list((ROOT / "templates_out").glob("*.json")))
    layers, resources = [], []
    for count in range(1, total + 1):
        arguments = (sys.executable, "-c", LAYERS, str(count))
        (costs,) = measured([Command(arguments, project.folder)], runs)
        layers.append(_point(count, costs))
        resources.append(_point(int((project.folder / "resources").read_text()), costs))
    return {"layers": layers, "resources": resources}


def _point(size: int, costs: Sequence[Cost]) -> Point:
    cost, spent = middle(costs), [one.cpu for one in costs]
    return Point(size, cost.cpu, min(spent), max(spent), cost.peak)
