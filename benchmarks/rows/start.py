"""`tapgen --help` and `--version`, beside a click group that does nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness import ROOT, Claim, Command, Row, compared
from benchmarks.project import Project

_GROUP = ROOT / "benchmarks" / "floors" / "click_group.py"


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
            Command((sys.executable, str(_GROUP), flag), project.folder),
            runs * 3,
        )
