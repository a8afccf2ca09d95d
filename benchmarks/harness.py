"""Measuring commands side by side: wall time, CPU time and peak memory of whole processes.

Compared commands run in turns, so that other load on the machine affects them equally. A ratio is
the median of the ratios within each turn.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

ROOT: Final = Path(__file__).parent.parent
# The same as the console script. `-m` would add the cost of runpy, which users do not have.
TAPGEN: Final = (sys.executable, "-c", "from tapgen.cli.main import main; main()")
# Isolated and without site-packages, so that only the measuring needs memory.
_LAUNCHER: Final = (sys.executable, "-I", "-S", str(Path(__file__).with_name("launcher.py")))


@dataclass(frozen=True)
class Command:
    """A process to measure.

    `prepare` runs before each start, unmeasured. `accepted` are the exit codes of a successful run.
    `cores` limits the number of processors (Linux only); None means all.
    """

    arguments: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[], object] = lambda: None
    accepted: frozenset[int] = frozenset({0})
    cores: int | None = None


@dataclass(frozen=True)
class Cost:
    """Medians: wall seconds, CPU seconds of all processors, peak resident memory in MiB."""

    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True)
class Claim:
    """The subject of a row, and the maximum of its ratio to the floor."""

    name: str
    work: str
    floor: str
    limit: float


@dataclass(frozen=True)
class Row:
    """A line of the table: the costs of tapgen and of the floor, and the ratio of wall times.

    `notes` are further numbers by name, such as calls of an API.
    """

    claim: Claim
    ratio: float
    cost: Cost
    floor_cost: Cost
    notes: Mapping[str, float] = field(default_factory=dict)

    @property
    def kept(self) -> bool:
        """Whether the ratio is within its limit."""
        return self.ratio <= self.claim.limit


def click_group(folder: Path, flag: str = "--help") -> Command:
    """Python with a click group that does nothing: the floor for any program that uses click."""
    return Command(
        (sys.executable, str(ROOT / "benchmarks" / "floors" / "click_group.py"), flag), folder
    )


def compared(claim: Claim, subject: Command, floor: Command, runs: int) -> Row:
    """Measure the two in turns."""
    ours, theirs = measured([subject, floor], runs)
    ratio = median(our.wall / their.wall for our, their in zip(ours, theirs, strict=True))
    return Row(claim, round(ratio, 3), middle(ours), middle(theirs))


def measured(commands: Sequence[Command], runs: int) -> list[list[Cost]]:
    """Costs by command. The commands run in turns, once to warm up and then `runs` times."""
    costs: list[list[Cost]] = [[] for _ in commands]
    for turn in range(runs + 1):
        for command, found in zip(commands, costs, strict=True):
            cost = once(command)
            if turn:
                found.append(cost)
    return costs


def middle(costs: Sequence[Cost]) -> Cost:
    """The medians of the costs."""
    return Cost(
        round(median(cost.wall for cost in costs), 4),
        round(median(cost.cpu for cost in costs), 4),
        round(median(cost.peak for cost in costs), 1),
    )


def once(command: Command) -> Cost:
    """Run the command. Raises `RuntimeError` with its output if it fails."""
    command.prepare()
    with tempfile.TemporaryFile() as output:
        launched = subprocess.run(  # noqa: S603 - the benchmarks' own commands
            [*_LAUNCHER, *_pinned(command.cores), *command.arguments],
            cwd=command.folder,
            env=environment() | dict(command.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
            check=False,
        )
        ended, *numbers = launched.stdout.split() or [str(launched.returncode)]
        if not numbers or int(ended) not in command.accepted:
            output.seek(0)
            said = output.read().decode(errors="replace")
            raise RuntimeError(f"{command.arguments} ended with {ended}: {said}")
    wall, cpu, peak = map(float, numbers)
    return Cost(wall, cpu, peak / (1024 if sys.platform == "darwin" else 1) / 1024)


def environment() -> dict[str, str]:
    """The environment of every process: this tapgen, and bytecode as in an installation."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "TAPGEN_", "PYTHON", "COVERAGE_"))
    }
    return inherited | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1"}


def _pinned(cores: int | None) -> Sequence[str]:
    return ("taskset", "--cpu-list", f"0-{cores - 1}") if cores else ()
