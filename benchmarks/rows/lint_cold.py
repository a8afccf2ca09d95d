"""`tapgen lint` of everything, compared with one cfn-lint call on the same templates."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.harness import Claim, Command, Row, compared
from benchmarks.project import Project

_LIMITS = {2: 0.6, 1: 0.75}  # by the number of processors


def measure(folder: Path, runs: int) -> Iterator[Row]:
    project = Project(folder)
    templates = sorted(str(path) for path in (project.folder / "templates_out").glob("*.json"))
    plain = Command((str(Path(sys.executable).with_name("cfn-lint")), *templates), project.folder)
    for cores, limit in _LIMITS.items():
        if sys.platform == "linux" and cores <= (os.cpu_count() or 1):
            claim = Claim(
                name=f"lint cold, {cores} cores" if cores > 1 else "lint cold, 1 core",
                work="`lint` of all layers with the values of 3 environments"
                + (", two processors" if cores > 1 else ", one processor"),
                floor="one `cfn-lint` call on the same templates, without values",
                limit=limit,
            )
            yield compared(
                claim,
                project.tapgen("lint", "--no-cache", cores=cores),
                replace(plain, cores=cores),
                runs,
            )
