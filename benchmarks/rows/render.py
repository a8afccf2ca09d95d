"""`tapgen render` of the shipped environments, beside a bare troposphere script."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.floors.bare import write_script
from benchmarks.harness import Claim, Command, Row, compared
from benchmarks.project import Project


def measure(folder: Path, runs: int) -> Iterator[Row]:
    project = Project(folder)
    script = write_script(project.folder)
    claim = Claim(
        name="render",
        work="`render` of 3 environments, 10 layers",
        floor="a bare troposphere script that writes the same files",
        limit=1.3,
    )
    yield compared(
        claim,
        project.tapgen("render"),
        Command((sys.executable, str(script)), project.folder),
        runs * 2,
    )
