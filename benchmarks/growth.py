"""How the cost of `tapgen render` grows: measured points, and a plot of them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.harness import ROOT, Command, Cost, measured, middle
from benchmarks.project import Project

PLOT: Final = ROOT / "docs" / "performance.svg"
_ENVIRONMENTS: Final = (1, 3, 10, 30, 100, 300)
# Renders the first layers of the registry only; says how many resources those have.
_LAYERS: Final = """
import sys
from dataclasses import replace
from pathlib import Path
from tapgen.settings.store import load_all
from tapgen.payments.platform import PLATFORM
from tapgen.render.rendering import file_changes, render
platform = replace(PLATFORM, layers=PLATFORM.layers[:int(sys.argv[1])])
rendered = render(platform, load_all(Path("envs"), PLATFORM))
file_changes(rendered, Path("out"), [])
Path("resources").write_text(str(sum(len(t.resources) for t in rendered.templates.values())))
"""


@dataclass(frozen=True)
class Point:
    """CPU seconds and peak memory (MiB) at a size."""

    size: int
    cpu: float
    peak: float


def measure(folder: Path, runs: int) -> dict[str, list[Point]]:
    """Points by what grows."""
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
        arguments = (sys.executable, "-c", _LAYERS, str(count))
        (costs,) = measured([Command(arguments, project.folder)], runs)
        layers.append(_point(count, costs))
        resources.append(_point(int((project.folder / "resources").read_text()), costs))
    return {"layers": layers, "resources": resources}


def _point(size: int, costs: Sequence[Cost]) -> Point:
    cost = middle(costs)
    return Point(size, cost.cpu, cost.peak)


# --- the plot -------------------------------------------------------------------------------------

_WIDTH, _HEIGHT, _MARGIN = 300, 200, 45
_PANEL: Final = """\
<g transform="translate({left},30)">
<text x="{middle}" y="-10" text-anchor="middle">{name}</text>
<path d="M0 0V{height}H{width}" fill="none" stroke="#888"/>
<polyline points="{line}" fill="none" stroke="#1f77b4" stroke-width="2"/>
{dots}
<text x="-4" y="4" text-anchor="end">{most:.2f} s</text>
<text x="-4" y="{height}" text-anchor="end">0</text>
<text x="0" y="{below}" text-anchor="middle">0</text>
<text x="{width}" y="{below}" text-anchor="end">{largest}</text>
</g>"""
_PICTURE: Final = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" \
font-size="12">
<title>CPU seconds of tapgen render by environments, layers and resources</title>
<rect width="100%" height="100%" fill="#fff"/>
{panels}
</svg>
"""


def plot(growth: Mapping[str, Sequence[Point]]) -> str:
    """An SVG with a panel for each thing that grows: its size to the right, CPU seconds upwards."""
    step = _WIDTH + 2 * _MARGIN
    panels = [
        _panel(name, points, _MARGIN + number * step)
        for number, (name, points) in enumerate(growth.items())
    ]
    size = {"width": step * len(panels), "height": _HEIGHT + 60}
    return _PICTURE.format(panels="\n".join(panels), **size)


def _panel(name: str, points: Sequence[Point], left: int) -> str:
    most, largest = max(point.cpu for point in points), max(point.size for point in points)
    places = [
        (round(_WIDTH * one.size / largest, 1), round(_HEIGHT * (1 - one.cpu / most), 1))
        for one in points
    ]
    return _PANEL.format(
        name=name,
        left=left,
        width=_WIDTH,
        height=_HEIGHT,
        middle=_WIDTH // 2,
        below=_HEIGHT + 16,
        most=most,
        largest=largest,
        line=" ".join(f"{x},{y}" for x, y in places),
        dots="\n".join(f'<circle cx="{x}" cy="{y}" r="3" fill="#1f77b4"/>' for x, y in places),
    )
