"""Draws the measurements: `make pictures` runs it with Matplotlib, which tapgen does not need.

It reads `benchmarks/results.json` and `benchmarks/peers/results.json`. Each picture is drawn twice,
for light and for dark pages, and contains a digest of its numbers. tests/test_pictures.py compares
this with the latest measurements.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "docs" / "_static" / "pictures"
_RESULTS: Final = ROOT / "benchmarks" / "results.json"
_PEERS: Final = ROOT / "benchmarks" / "peers" / "results.json"


@dataclass(frozen=True)
class Theme:
    """Colours of a page: text, faint lines, tapgen and the others."""

    name: str
    text: str
    line: str
    ours: str
    others: str


# Contrast of text and of bars to a white and a #131416 background is above 4.5 and 3 (WCAG 2.2).
THEMES: Final = (
    Theme("light", "#24292f", "#c8ccd1", "#0969da", "#7d8590"),
    Theme("dark", "#d1d7e0", "#3d444d", "#58a6ff", "#8b949e"),
)
_ABOUT_GROWTH: Final = "CPU seconds of tapgen render, by environments, layers and resources"
_ABOUT_PEERS: Final = "Seconds on the clock of tapgen and its peers, work by work"
_LINT: Final = "lint cold, 2 cores"
_SIZES: Final = {
    "environments": "environments",
    "layers": "layers, three environments",
    "resources": "resources, three environments",
}
# The comparisons, and the measurements that they use.
_WORKS: Final = (
    ("commands", "start (`--help`)", "start (--help)"),
    ("commands", "render", "render 11 layers"),
    ("deployments", "deploy for the first time", "first deployment of 11 layers"),
    ("deployments", "deploy, nothing to do", "deployment with nothing to do"),
)


def growth() -> dict[str, Any]:
    """The numbers behind `growth`: points by the dimension that grows."""
    found: dict[str, Any] = json.loads(_RESULTS.read_text(encoding="utf-8"))["growth"]
    return found


def peers() -> dict[str, dict[str, float]]:
    """The numbers behind `peers`: wall seconds of each program, by work."""
    parts = json.loads(_PEERS.read_text(encoding="utf-8"))
    found = {
        title: {
            one["program"].replace("`", ""): one["cost"]["wall"]
            for one in parts[part]["measurements"]
            if one["work"] == work
        }
        for part, work, title in _WORKS
    }
    rows = json.loads(_RESULTS.read_text(encoding="utf-8"))["rows"]
    (lint,) = (row for row in rows if row["claim"]["name"] == _LINT)
    found["check 11 templates"] = {
        "tapgen lint, with the values of 3 environments": lint["cost"]["wall"],
        "cfn-lint, without values": lint["floor_cost"]["wall"],
    }
    return found


def digest(numbers: object) -> str:
    """The digest of a picture's numbers."""
    return hashlib.sha256(json.dumps(numbers, sort_keys=True).encode()).hexdigest()


def main() -> None:
    """Draw all of them."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "tapgen", "svg.fonttype": "none", "font.size": 11})
    mpl.rcParams["font.family"] = ["sans-serif"]
    FOLDER.mkdir(parents=True, exist_ok=True)
    for theme in THEMES:
        texts = ("text.color", "axes.labelcolor", "xtick.color", "ytick.color")
        lines = ("axes.edgecolor", "grid.color")
        with mpl.rc_context(dict.fromkeys(texts, theme.text) | dict.fromkeys(lines, theme.line)):
            _save(_growth_figure(theme), f"growth-{theme.name}", growth(), _ABOUT_GROWTH)
            _save(_peers_figure(theme), f"peers-{theme.name}", peers(), _ABOUT_PEERS)


_ABOUT_RESULTS: Final = "CPU seconds of tapgen render, by environments, layers and resources"


def _growth_figure(theme: Theme) -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 3.4), layout="constrained")
    numbers = growth()
    for axes, (name, points) in zip(
        figure.subplots(1, len(numbers), sharey=False), numbers.items(), strict=True
    ):
        middle = [one["cpu"] for one in points]
        axes.errorbar(
            [one["size"] for one in points],
            middle,
            yerr=[
                [one["cpu"] - one["low"] for one in points],
                [one["high"] - one["cpu"] for one in points],
            ],
            color=theme.ours,
            marker="o",
            markersize=4,
            capsize=3,
        )
        axes.set_xlabel(_SIZES[name])
        axes.set_ylim(bottom=0)
        axes.grid(visible=True, axis="y", linewidth=0.6)
        _without_frame(axes)
    figure.axes[0].set_ylabel("CPU seconds of `tapgen render`")
    return figure


def _peers_figure(theme: Theme) -> Any:
    from matplotlib.figure import Figure

    numbers = peers()
    heights = [len(found) for found in numbers.values()]
    figure = Figure(figsize=(11, 0.36 * sum(heights) + 2.6), layout="constrained")
    for axes, (title, found) in zip(
        figure.subplots(len(numbers), 1, height_ratios=heights), numbers.items(), strict=True
    ):
        programs = [*found]
        bars = axes.barh(
            programs,
            [*found.values()],
            color=[theme.ours if name.startswith("tapgen") else theme.others for name in programs],
        )
        axes.bar_label(bars, fmt=lambda seconds: f" {seconds:.3g} s")
        axes.invert_yaxis()
        axes.margins(x=0.12)
        axes.set_title(title, loc="left", fontweight="bold", fontsize=11)
        axes.set_xlabel("seconds on the clock")
        _without_frame(axes)
    return figure


def _without_frame(axes: Any) -> None:
    axes.spines[["top", "right"]].set_visible(False)


def _save(figure: Any, name: str, numbers: object, about: str) -> None:
    made = StringIO()
    metadata = {"Title": about, "Identifier": f"sha256:{digest(numbers)}"}
    figure.savefig(
        made, format="svg", transparent=True, metadata={**metadata, "Creator": None, "Date": None}
    )
    lines = (line.rstrip() for line in made.getvalue().splitlines())
    (FOLDER / f"{name}.svg").write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
