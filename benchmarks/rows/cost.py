"""`tapgen cost` with a filled cache, and the time that costs add to `tapgen diff`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.harness import Claim, Row, compared, once
from benchmarks.project import Project
from benchmarks.rows.diff_all import every_stack_changed

_MANY: Final = 300


def measure(folder: Path, runs: int) -> Iterator[Row]:
    changed = every_stack_changed(folder / "changed")
    diff = ("diff", "--all", "--against", "HEAD")
    claim = Claim(
        name="diff --cost",
        work="`diff --all --cost`, 3 environments, every stack changed",
        floor="the same without `--cost`",
        limit=1.15,
    )
    yield compared(claim, changed.tapgen(*diff, "--cost"), changed.tapgen(*diff), runs * 3)
    few, many = Project(folder / "3"), Project(folder / str(_MANY))
    many.multiply(_MANY)
    remembering = [few.tapgen("render"), few.tapgen("cost"), many.tapgen("cost")]
    for command in remembering:
        once(command)  # bytecode
    few.settle()
    for command in remembering:
        once(command)
    claim = Claim(
        name="cost cached",
        work="`cost` of 3 environments, nothing changed",
        floor="`render`, nothing changed",
        limit=1.3,
    )
    yield compared(claim, few.tapgen("cost"), few.tapgen("render"), runs * 3)
    claim = Claim(
        name=f"cost {_MANY}",
        work=f"`cost` of {_MANY} environments, nothing changed",
        floor="`cost` of 3 environments, nothing changed",
        limit=3.0,
    )
    yield compared(claim, many.tapgen("cost"), few.tapgen("cost"), runs * 3)
