"""`tapgen diff --all` with a change in every stack, compared with `tapgen render`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness import Claim, Row, compared
from benchmarks.project import Project


def measure(folder: Path, runs: int) -> Iterator[Row]:
    project = every_stack_changed(folder)
    claim = Claim(
        name="diff --all",
        work="`diff --all`, 3 environments, every stack changed",
        floor="`render` of 3 environments",
        limit=3.0,
    )
    yield compared(
        claim,
        project.tapgen("diff", "--all", "--against", "HEAD"),
        project.tapgen("render", "--no-cache"),
        runs * 2,
    )


def every_stack_changed(folder: Path) -> Project:
    """Create a project in which every stack differs from the last commit."""
    project = Project(folder)
    project.commit()
    for path in (project.folder / "envs").glob("*.yaml"):
        # Changes a tag of every resource, and settings of some.
        text = path.read_text().replace("-001", "-002").replace(" logs_days: ", " logs_days: 1")
        path.write_text(text)
    return project
