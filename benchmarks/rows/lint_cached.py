"""`tapgen lint` of what was checked before, beside `tapgen --help`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness import Claim, Row, compared, once
from benchmarks.project import Project


def measure(folder: Path, runs: int) -> Iterator[Row]:
    project = Project(folder)
    once(project.tapgen("lint"))  # bytecode
    project.settle()
    once(project.tapgen("lint"))  # is remembered
    claim = Claim(
        name="lint cached",
        work="`lint`, nothing changed",
        floor="`tapgen --help`",
        limit=1.5,
    )
    yield compared(claim, project.tapgen("lint"), project.tapgen("--help"), runs * 3)
