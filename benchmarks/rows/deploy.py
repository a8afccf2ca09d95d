"""`tapgen deploy` with simulated stack times, compared with the lower bound.

The floor is not a command but a sum: the critical path through the layers, each with the duration
of its stack and, if it must be planned on the way, a change set. Times are real seconds. Scaled
times would change the share of calls and polling.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from compileall import compile_dir
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from benchmarks.endpoint.clock import Times
from benchmarks.endpoint.server import Endpoint
from benchmarks.harness import Claim, Command, Cost, Row, click_group, measured, middle, once
from benchmarks.project import Project
from tapgen.payments.layers.registry import LAYERS

ACCOUNT: Final = "111111111111"  # of dev
_DEPLOY: Final = ("deploy", "--env", "dev", "--yes", "--skip-delegation-check")
# The critical path with a change set on each level, and with a single change set.
_ON_THE_WAY: Final = "critical path, with a change set a layer"
_UP_FRONT: Final = "critical path and one change set"
# One second, on the machine where Python with a click group takes 0.04 s.
_ALLOWED: Final = 25
_STARTS: Final = f"{_ALLOWED} times the CPU seconds of Python with a click group"


def measure(folder: Path, runs: int) -> Iterator[Row]:
    project = Project(folder)
    compile_dir(project.folder / "tapgen", quiet=1)  # as an installation is
    project.settle()
    costs: list[tuple[Cost, Cost]] = []
    for row in _deployments(project):  # a minute each: one run is enough
        (starts,) = measured([click_group(folder)], runs * 3)
        costs.append((row.cost, middle(starts)))
        yield row
    yield _itself(costs)


def _deployments(project: Project) -> Iterator[Row]:
    with Endpoint() as endpoint:
        first = _claim("deploy, first ever", "first deployment, nothing known", _ON_THE_WAY, 1.06)
        yield _row(first, endpoint, deployment(project, endpoint), bound(each=True))
    with Endpoint() as endpoint:
        command = deployment(project, endpoint)
        known = _claim("deploy, first", "first deployment, times known", _ON_THE_WAY, 1.06)
        yield _row(known, endpoint, command, bound(each=True))
        nothing = _claim("deploy, nothing", "nothing to do", "one second", 1.0)
        yield _row(nothing, endpoint, command, 1.0)
        _rename(project, "BENCH-001")
        ran(endpoint, command)  # so that the times of updates are known
        _rename(project, "BENCH-002")
        update = _claim("deploy, update", "update of all layers, times known", _UP_FRONT, 1.06)
        yield _row(update, endpoint, command, bound(each=False))


def _itself(costs: Iterable[tuple[Cost, Cost]]) -> Row:
    """CPU seconds of the most expensive deployment, and a multiple of a start measured after it."""
    claim = _claim("deploy, itself", "CPU seconds of the dearest of these", _STARTS, 1.0)
    allowed = [(cost, _ALLOWED * start.cpu) for cost, start in costs]
    cost, floor = max(allowed, key=lambda pair: pair[0].cpu / pair[1])
    return Row(claim, round(cost.cpu / floor, 3), cost, Cost(floor, floor, 0.0))


def bound(*, each: bool, layers: Collection[str] = ()) -> float:
    """Seconds of the critical path, with a change set for `each` of its layers, or one for all.

    Only `layers` are included, or all if none is given.
    """
    times = Times()
    inputs = {
        layer.name: {source.layer for source in layer.inputs.values()}
        for layer in LAYERS
        if layer.name in layers or not layers
    }

    @cache
    def end(layer: str) -> float:
        own = times.layers[layer] + (times.change_set if each else 0.0)
        return own + max(map(end, inputs[layer]), default=0.0)

    return max(map(end, inputs)) + (0.0 if each else times.change_set)


@dataclass(frozen=True)
class Run:
    """A deployment's cost, its calls by service and action, and how many were throttled."""

    cost: Cost
    calls: Counter[str]
    throttled: int

    @property
    def own_calls(self) -> int:
        """Calls to CloudFormation."""
        return sum(n for name, n in self.calls.items() if name.startswith("cloudformation:"))


def _claim(name: str, work: str, floor: str, limit: float) -> Claim:
    return Claim(name, f"`deploy`, {len(LAYERS)} layers: {work}", floor, limit)


def _row(claim: Claim, endpoint: Endpoint, command: Command, floor: float) -> Row:
    run = ran(endpoint, command)
    notes = {
        "CloudFormation calls": run.own_calls,
        "CloudFormation calls a layer": round(run.own_calls / len(LAYERS), 1),
        "calls": run.calls.total(),
        "throttled": run.throttled,
    }
    return Row(claim, round(run.cost.wall / floor, 3), run.cost, Cost(floor, 0.0, 0.0), notes)


def deployment(project: Project, endpoint: Endpoint) -> Command:
    """Deploy dev with tapgen."""
    return reaching(endpoint, project.tapgen(*_DEPLOY))


def reaching(endpoint: Endpoint, command: Command) -> Command:
    """The command with the endpoint instead of AWS."""
    reached = {
        "AWS_ENDPOINT_URL": endpoint.url,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "none",  # the endpoint checks none
    }
    return replace(command, environment={**command.environment, **reached})


def ran(endpoint: Endpoint, command: Command) -> Run:
    """Run the command, and count its calls to the endpoint."""
    endpoint.forget_calls()
    cost = once(command)
    throttled = sum(call.throttled for call in endpoint.calls)
    return Run(cost, endpoint.counts(), throttled)


def _rename(project: Project, cost_center: str) -> None:
    """Change a tag of every resource, which changes no output."""
    path = project.folder / "envs" / "dev.yaml"
    lines = path.read_text().splitlines()
    changed = [
        f"cost_center: {cost_center}" if line.startswith("cost_center:") else line for line in lines
    ]
    path.write_text("\n".join(changed) + "\n")
