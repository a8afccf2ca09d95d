"""The same environment deployed by tapgen and by its peers, against simulated stack times.

Each has its own endpoint and deploys dev for the first time. This runs once, because nearly all of
its minute or more is waiting. Then it deploys again with nothing to do, and the median run counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from compileall import compile_dir
from pathlib import Path
from typing import Any, Final

from benchmarks.endpoint import descriptions
from benchmarks.endpoint.clock import Times
from benchmarks.endpoint.server import Endpoint
from benchmarks.endpoint.stacks import Stack
from benchmarks.harness import Command
from benchmarks.peers.peer import Deploy, Peer
from benchmarks.peers.results import Deployment
from benchmarks.project import Project
from benchmarks.rows.deploy import Run, deployment, ran, reaching

FIRST: Final = "deploy for the first time"
NOTHING: Final = "deploy, nothing to do"
_REPEATS: Final = 3
_AS_SAID: Final = Times()
# By stack: its status, parameters, outputs, tags, protection, and the types of its resources.
Made = Mapping[str, Mapping[str, Any]]


def measure(peers: Sequence[Peer], folder: Path, times: Times = _AS_SAID) -> Iterator[Deployment]:
    """Deploy with tapgen, without and with known times, and then with each peer.

    Ratios are to tapgen without known times, because peers learn none either. Raises `RuntimeError`
    if a peer creates different stacks from tapgen, or changes one when there is nothing to do.
    """
    project = Project(folder)
    compile_dir(project.folder / "tapgen", quiet=1)  # as an installation is
    project.settle()
    with Endpoint(times) as endpoint:
        command = deployment(project, endpoint)
        first = ran(endpoint, command)
        ours = made(endpoint)
        nothing = _again(endpoint, command)
    yield _deployment(FIRST, "tapgen, no times known", first, first)
    with Endpoint(times) as endpoint:
        known = ran(endpoint, deployment(project, endpoint))
    yield _deployment(FIRST, "tapgen, times known", known, first)
    yield _deployment(NOTHING, "tapgen", nothing, nothing)
    for peer in peers:
        for one in peer.deploys:
            program = f"{peer.program}, {one.remark}" if one.remark else peer.program
            their_first, their_nothing = deployed(peer, one, ours, times)
            yield _deployment(FIRST, program, their_first, first)
            yield _deployment(NOTHING, program, their_nothing, nothing)


def deployed(peer: Peer, one: Deploy, ours: Made, times: Times) -> tuple[Run, Run]:
    """Deploy with a peer, and then with nothing to do.

    Raises `RuntimeError` if the stacks after either are not `ours`.
    """
    with Endpoint(times) as endpoint:
        command = reaching(endpoint, peer.command(one.arguments, one.environment))
        first = ran(endpoint, command)
        check(peer, made(endpoint), ours)
        nothing = _again(endpoint, command)
        check(peer, made(endpoint), ours)
    return first, nothing


def _again(endpoint: Endpoint, command: Command) -> Run:
    runs = [ran(endpoint, command) for _ in range(_REPEATS)]
    return sorted(runs, key=lambda run: run.cost.wall)[_REPEATS // 2]


def made(endpoint: Endpoint) -> Made:
    """The endpoint's stacks by name, without what differs between runs."""
    return {stack.name: _made(stack) for stack in endpoint.stacks()}


def _made(stack: Stack) -> dict[str, Any]:
    found = descriptions.stack(stack)
    document = stack.filled().document
    return {
        "status": found["StackStatus"],
        "parameters": {one["ParameterKey"]: one["ParameterValue"] for one in found["Parameters"]},
        "outputs": {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", ())},
        "tags": {one["Key"]: one["Value"] for one in found["Tags"]},
        "protection": found["EnableTerminationProtection"],
        "resources": {name: one["Type"] for name, one in document["Resources"].items()},
    }


def check(peer: Peer, theirs: Made, ours: Made) -> None:
    """Raise `RuntimeError` if a peer created different stacks from tapgen."""
    if theirs.keys() != ours.keys():
        raise RuntimeError(f"{peer.program} creates different stacks: {', '.join(theirs)}")
    different = [
        f"{part} of {name}"
        for name, stack in ours.items()
        for part, value in stack.items()
        if _comparable(peer, part, theirs[name][part], value) != value
    ]
    if different:
        raise RuntimeError(f"{peer.program} differs from tapgen in {', '.join(different)}")


def _comparable(peer: Peer, part: str, theirs: Any, ours: Any) -> Any:
    """Peers with values in templates have no parameters, and additional outputs for imports."""
    if not peer.settled:
        return theirs
    match part:
        case "parameters":
            return ours
        case "outputs":
            return {name: value for name, value in theirs.items() if name in ours}
        case _:
            return theirs


def _deployment(work: str, program: str, run: Run, tapgen: Run) -> Deployment:
    ratio = round(run.cost.wall / tapgen.cost.wall, 2)
    return Deployment(work, program, run.cost, run.calls.total(), run.own_calls, ratio)
