"""Commands on a hundred and a thousand environments, compared with `render` of three or as many."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.harness import Claim, Row, compared
from benchmarks.project import Project

# The number of environments, and the maximum ratio to the time of three.
_RENDERED: Final = ((100, 2.0), (1000, 7.0))
_COMPARED: Final = 100


def measure(folder: Path, runs: int) -> Iterator[Row]:
    few = Project(folder / "3")
    few.multiply(3)
    for count, limit in _RENDERED:
        many = Project(folder / str(count))
        many.multiply(count)
        claim = Claim(
            name=f"render {count}",
            work=f"`render` of {count:,} environments",
            floor="`render` of 3 environments",
            limit=limit,
        )
        yield compared(
            claim, many.tapgen("render", "--no-cache"), few.tapgen("render", "--no-cache"), runs
        )
        if count == _COMPARED:
            yield from _compared(many, runs)


def _compared(project: Project, runs: int) -> Iterator[Row]:
    """`diff` and `parity` of environments in which one tag of every stack has changed."""
    project.commit()
    for path in (project.folder / "envs").glob("qa*.yaml"):
        path.write_text(path.read_text().replace("DEV-001", "DEV-002"))
    floor = project.tapgen("render", "--no-cache")
    for name, limit, arguments in (
        ("diff", 15.0, ("diff", "--all", "--against", "HEAD")),
        ("parity", 2.0, ("parity", "--declared")),
    ):
        claim = Claim(
            name=f"{name} {_COMPARED}",
            work=f"`{' '.join(arguments[:2])}` of {_COMPARED} environments",
            floor=f"`render` of {_COMPARED} environments",
            limit=limit,
        )
        yield compared(claim, project.tapgen(*arguments), floor, runs)
