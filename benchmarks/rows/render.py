"""`tapgen render` of the shipped environments, compared with a bare troposphere script."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness import ROOT, Claim, Command, Row, compared, once
from benchmarks.project import Project


def measure(folder: Path, runs: int) -> Iterator[Row]:
    project = Project(folder)
    # In a separate process, because a new process inherits the peak memory of its parent.
    write = (sys.executable, "-m", "benchmarks.floors.bare", str(project.folder))
    once(Command(write, ROOT))
    script = project.folder / "bare" / "render.py"
    claim = Claim(
        name="render",
        work="`render` of 3 environments, all layers",
        floor="a bare troposphere script that writes the same files",
        limit=1.3,
    )
    yield compared(
        claim,
        project.tapgen("render", "--no-cache"),
        Command((sys.executable, str(script)), project.folder),
        runs * 2,
    )
