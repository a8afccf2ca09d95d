"""`tapgen render` of many environments, beside three of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness import Claim, Row, compared
from benchmarks.project import Project

_MANY = 300


def measure(folder: Path, runs: int) -> Iterator[Row]:
    few, many = Project(folder / "3"), Project(folder / "300")
    few.multiply(3)
    many.multiply(_MANY)
    claim = Claim(
        name="render 300",
        work=f"`render` of {_MANY} environments",
        floor="`render` of 3 environments",
        limit=2.5,
    )
    yield compared(
        claim, many.tapgen("render", "--no-cache"), few.tapgen("render", "--no-cache"), runs
    )
