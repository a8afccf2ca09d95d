"""`python -m benchmarks.peers [--runs N] [--only PART] [peer]...`: measure tapgen and its peers."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.harness import ROOT, Command, Cost, measured, middle, once
from benchmarks.peers import results
from benchmarks.peers.installation import NotInstalledError
from benchmarks.peers.peer import PEERS, RENDER, Peer, wanted
from benchmarks.peers.results import Deployment, Measurement
from benchmarks.project import Project
from benchmarks.results import DOCUMENT, put_into

START: Final = "start (`--help`)"
# The parts: start and render, in turns; deployments, which each wait for some minutes.
COMMANDS: Final = "commands"
DEPLOY: Final = "deploy"


def main() -> None:
    """Measure. Peers that cannot be installed are skipped, with the reason."""
    options = _options()
    chosen = [peer for peer in PEERS if peer.name in options.peers or not options.peers]
    peers = list(prepared(chosen))
    measured: list[Measurement] = []
    deployed: list[Deployment] = []
    with tempfile.TemporaryDirectory(prefix="tapgen-bench-") as folder:
        if options.only != DEPLOY:
            measured += _commands(peers, Project(Path(folder, COMMANDS)), options.runs)
            print(results.table(measured))
        if options.only != COMMANDS:
            deployed += _deployments(peers, Path(folder, DEPLOY))
            print(results.deployments(deployed))
    if options.keep:
        _keep(measured, deployed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.peers", description=__doc__)
    names = [peer.name for peer in PEERS]
    parser.add_argument("peers", nargs="*", metavar="peer", help=f"any of {', '.join(names)}")
    parser.add_argument("--runs", type=int, default=5, help="turns (5)")
    parser.add_argument("--only", choices=(COMMANDS, DEPLOY), help="only this part")
    parser.add_argument("--keep", action="store_true", help="write results.json and the document")
    options = parser.parse_args()
    if unknown := set(options.peers) - set(names):
        parser.error(f"no such peer: {', '.join(sorted(unknown))}")
    return options


def _keep(measured: Sequence[Measurement], deployed: Sequence[Deployment]) -> None:
    results.save(measured, deployed)
    if measured:
        put_into(DOCUMENT, "peers", results.table(measured))
    if deployed:
        put_into(DOCUMENT, "deployed by peers", results.deployments(deployed))


def _commands(peers: Sequence[Peer], project: Project, runs: int) -> Iterator[Measurement]:
    yield from _compared(START, project.tapgen("--help"), _starts(peers), runs * 3)
    yield from _compared(RENDER, project.tapgen("render", "--no-cache"), _renders(peers), runs)


def _deployments(peers: Sequence[Peer], folder: Path) -> Iterator[Deployment]:
    # Loaded only now: a new process inherits the peak memory of this one.
    deploying = import_module("benchmarks.peers.deploying")
    for one in deploying.measure(peers, folder):
        print(f"{one.program}: {one.work}, {one.cost.wall:.1f} s", flush=True)
        yield one


def prepared(peers: Sequence[Peer]) -> Iterator[Peer]:
    """The installed peers. Each must render the same resources as tapgen."""
    same = wanted(ROOT / "templates_out")
    for peer in peers:
        try:
            peer.prepare()
        except NotInstalledError as reason:
            print(f"{peer.program} is skipped: {reason}", flush=True)
            continue
        for arguments in peer.renders.values():
            once(peer.command(arguments))
            if peer.resources() != same:
                raise RuntimeError(f"{peer.program} renders different resources from tapgen")
        if peer.renders:
            total = sum(map(len, same.values()))
            print(f"{peer.program} renders {len(same)} stacks with {total} resources", flush=True)
        yield peer


def _starts(peers: Sequence[Peer]) -> dict[tuple[str, str], Command]:
    return {(START, peer.program): peer.command(peer.start) for peer in peers if peer.start}


def _renders(peers: Sequence[Peer]) -> dict[tuple[str, str], Command]:
    return {
        (work, peer.program): peer.command(arguments)
        for peer in peers
        for work, arguments in peer.renders.items()
    }


def _compared(
    work: str, tapgen: Command, others: Mapping[tuple[str, str], Command], runs: int
) -> Iterator[Measurement]:
    commands = {(work, "tapgen"): tapgen, **others}
    ours, *_ = costs = measured(list(commands.values()), runs)
    for (name, program), theirs in zip(commands, costs, strict=True):
        yield measurement(name, program, theirs, ours)


def measurement(
    work: str, program: str, theirs: Sequence[Cost], ours: Sequence[Cost]
) -> Measurement:
    """Medians of the costs, and of the ratios turn by turn."""
    turns = list(zip(theirs, ours, strict=True))
    return Measurement(
        work,
        program,
        middle(theirs),
        round(median(their.wall / our.wall for their, our in turns), 2),
        round(median(their.cpu / our.cpu for their, our in turns), 2),
    )


if __name__ == "__main__":
    main()
