"""`tapgen render` of what was rendered before, beside `tapgen --help`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness import Claim, Row, compared, once
from benchmarks.project import Project


def measure(folder: Path, runs: int) -> Iterator[Row]:
    project = Project(folder)
    once(project.tapgen("render"))  # bytecode
    project.settle()
    once(project.tapgen("render"))  # is remembered
    claim = Claim(
        name="render cached",
        work="`render`, nothing changed",
        floor="`tapgen --help`",
        limit=1.5,
    )
    yield compared(claim, project.tapgen("render"), project.tapgen("--help"), runs * 3)
