"""`tapgen lint` after one layer's module was edited, beside `tapgen lint` of everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

from benchmarks.harness import Claim, Row, compared
from benchmarks.project import Project

_LAYER = "api"  # the one whose template takes cfn-lint longest
_OPENING = f'Blueprint("{_LAYER}", "'  # the description follows


def measure(folder: Path, runs: int) -> Iterator[Row]:
    edited, whole = Project(folder / "edited"), Project(folder / "whole")
    edited.settle()
    module = edited.folder / "tapgen" / "layers" / f"{_LAYER}.py"
    original = module.read_text()
    numbers = count()

    def edit() -> None:
        """Give the template a description that no run has seen."""
        edition = f"Edition {next(numbers)}. "
        module.write_text(original.replace(_OPENING, _OPENING + edition))

    claim = Claim(
        name="lint one layer",
        work=f"`lint` after an edit of the layer {_LAYER}",
        floor="`lint` of everything, cold",
        limit=0.6,
    )
    yield compared(
        claim, replace(edited.tapgen("lint"), prepare=edit), whole.tapgen("lint", cold=True), runs
    )
