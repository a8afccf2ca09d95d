"""A command with a cached result, compared with `tapgen --help`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness import Claim, Row, compared, once
from benchmarks.project import Project


def measured(command: str, folder: Path, runs: int) -> Iterator[Row]:
    """The row for `tapgen <command>` if nothing has changed since its last run."""
    project = Project(folder)
    once(project.tapgen(command))  # bytecode
    project.settle()
    once(project.tapgen(command))  # fills the cache
    claim = Claim(
        name=f"{command} cached",
        work=f"`{command}`, nothing changed",
        floor="`tapgen --help`",
        limit=1.5,
    )
    yield compared(claim, project.tapgen(command), project.tapgen("--help"), runs * 3)
