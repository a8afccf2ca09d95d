"""`tapgen lint` after an edit of one layer's module, compared with `tapgen lint` of everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Final

from benchmarks.harness import Claim, Row, compared
from benchmarks.project import Project

# The layer with the median template size, and the one that takes cfn-lint longest.
LAYERS: Final = ("cdn", "api")


def measure(folder: Path, runs: int) -> Iterator[Row]:
    whole = Project(folder / "whole")
    for layer in LAYERS:
        edited = Project(folder / layer)
        edited.settle()
        claim = Claim(
            name=f"lint, {layer} edited",
            work=f"`lint` after an edit of the layer {layer}",
            floor="`lint` of everything, cold",
            limit=0.6,
        )
        command = replace(edited.tapgen("lint"), prepare=editor(edited.folder, layer))
        yield compared(claim, command, whole.tapgen("lint", cold=True), runs)


def editor(project: Path, layer: str) -> Callable[[], None]:
    """An edit that gives the layer's template a new description in each run."""
    module = project / "tapgen" / "payments" / "layers" / f"{layer}.py"
    original = module.read_text()
    opening = f'Blueprint("{layer}", "'  # the description follows
    numbers = count()

    def edit() -> None:
        module.write_text(original.replace(opening, f"{opening}Edition {next(numbers)}. "))

    return edit
