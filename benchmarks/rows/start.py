"""`tapgen --help` and `--version`, compared with a click group that does nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness import Claim, Row, click_group, compared
from benchmarks.project import Project


def measure(folder: Path, runs: int) -> Iterator[Row]:
    project = Project(folder)
    for flag in ("--help", "--version"):
        claim = Claim(
            name=f"start {flag}",
            work=f"`tapgen {flag}`",
            floor="Python with a click group",
            limit=1.3,
        )
        yield compared(
            claim,
            project.tapgen(flag),
            click_group(project.folder, flag),
            runs * 3,
        )
