"""History: the releases in the ledgers of environments, and whether AWS agrees with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tapgen.deploy.flow.parallel import collect
from tapgen.deploy.record.agreement import disagreements
from tapgen.deploy.record.ledger import Ledger
from tapgen.deploy.record.mending import completed
from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError, UsageError
from tapgen.model.release import Begun, Release
from tapgen.project import Project

MOST = 20
"""The default number of releases."""


@dataclass(frozen=True)
class History:
    """The newest of `total` releases of one environment, newest first.

    `ledger` is where they are recorded, `disagreements` has the differences in AWS by layer;
    `command` deploys what is declared, and records it.
    """

    environment: str
    ledger: str
    total: int
    releases: tuple[Release, ...]
    disagreements: Mapping[str, str] = field(default_factory=dict)
    command: str = ""


@dataclass(frozen=True)
class Detail:
    """One release, and the releases before it, for comparison.

    `before` has, by layer, the newest earlier release with that layer.
    """

    environment: str
    ledger: str
    release: Release
    before: Mapping[str, Begun]


def history(
    project: Project, environments: Sequence[str], *, most: int = MOST
) -> dict[str, History | TapgenError]:
    """List the releases of environments, and where AWS does not agree with them.

    A release whose run was killed is completed from AWS, and saved if the caller may write it.

    - `project`: the project of the environments.
    - `environments`: names, one or several.
    - `most`: how many releases to return, newest first.

    Returns the releases by environment, or the error that says why they cannot be read.

    Raises `TapgenError` if only one environment is named and its ledger cannot be read.
    """
    targets = {target.environment: target for target in project.looking().targets(environments)}
    if len(targets) == 1:
        ((name, target),) = targets.items()
        return {name: _history(project, target, most)}
    return collect(targets, lambda target: _history(project, target, most))


def release(project: Project, environment: str, number: int) -> Detail:
    """Show one release of an environment, and what it changed.

    - `project`: the project of the environment.
    - `environment`: its name.
    - `number`: the number of the release.

    Returns the release, with what the releases before it declared.

    Raises `UsageError` if there is no such release.
    """
    target = project.looking().target(environment)
    ledger = project.ledger(target)
    target.verify_account()
    numbers = [*ledger.numbers()]
    found = ledger.read(number) if number in numbers else None
    if found is None:
        there = f"There are {numbers[0]} to {numbers[-1]}." if numbers else "There is none."
        raise UsageError(f"{environment} has no release {number} in {ledger.name}", there)
    found = completed(ledger, target, [found])[0]
    older = [one for one in reversed(numbers) if one < number]
    return Detail(environment, ledger.name, found, _before(ledger, found.begun, older))


def _history(project: Project, target: Target, most: int) -> History:
    ledger = project.ledger(target)
    target.verify_account()
    numbers = [*ledger.numbers()]
    newest = ledger.read_all([*reversed(numbers)][:most])
    releases = completed(ledger, target, newest)
    return History(
        target.environment,
        ledger.name,
        len(numbers),
        tuple(releases),
        disagreements(target, releases, whole=len(releases) == len(numbers)),
        target.command("deploy", "--full"),
    )


def _before(ledger: Ledger, begun: Begun, older: Sequence[int]) -> dict[str, Begun]:
    """Layer -> the newest of the older releases that planned it."""
    found: dict[str, Begun] = {}
    for number in older:
        missing = begun.stacks.keys() - found.keys()
        if not missing:
            break
        earlier = ledger.read(number)
        if earlier:
            own = {layer for layer, one in earlier.begun.stacks.items() if one.get("kind")}
            found |= dict.fromkeys(missing & own, earlier.begun)
    return found
