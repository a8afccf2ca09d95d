"""Parity: comparing environments as declared, as deployed, and by their behaviour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Final

from tapgen.errors import TapgenError, UsageError
from tapgen.project import Project
from tapgen.review.parity.comparison import Parity, compare

if TYPE_CHECKING:
    from tapgen.review.parity.behaviour import Comparison

SAMPLES: Final = 5
_FEWEST, _MOST = 2, 100  # samples


def parity(
    project: Project, environments: Sequence[str], *, declared: bool = False, drift: bool = False
) -> Parity:
    """Compare environments: which are the same, and everything that differs.

    - `project`: the project of the environments.
    - `environments`: names; all if empty.
    - `declared`: compare what is rendered instead of what is deployed, without asking AWS.
    - `drift`: detect drift first.

    Returns the comparison, layer by layer; `holds` is true if everything is as it should be.

    Raises `UsageError` if there is nothing to compare a single environment with, or both `declared`
    and `drift` are given.
    """
    if declared and drift:
        raise UsageError(
            "--declared does not ask AWS, so it cannot detect drift",
            "Leave --declared or --drift out.",
        )
    chosen = project.environments(environments)
    if declared and len(chosen) == 1:
        raise UsageError(
            f"{chosen[0].name} alone cannot be compared",
            "Name a second environment, or leave --env out.",
        )
    if declared:
        return compare(project.platform, project.rendered(chosen).stacks)
    from tapgen.deploy.observe.parity import sightings

    targets = project.targets([environment.name for environment in chosen])
    stacks = {target.environment: tuple(target.stacks.values()) for target in targets}
    found = compare(project.platform, stacks, sightings(targets, detect=drift))
    return replace(found, detected=drift)


@dataclass(frozen=True)
class Behaved:
    """The behaviour of environments in comparison.

    `against` is the record that one was compared with, None if there is none; `writes` is whether
    test data was written, `samples` how often each read-only exchange took place.
    """

    comparison: Comparison
    against: Path | None
    writes: bool
    samples: int


def behaviour(  # noqa: PLR0913 - each is an option of the command
    project: Project,
    environments: Sequence[str],
    *,
    write: bool = False,
    samples: int = SAMPLES,
    record: Path | None = None,
    against: Path | None = None,
) -> Behaved:
    """Send the platform's live requests to each environment, and compare the answers.

    - `project`: the project of the environments.
    - `environments`: names; all if empty.
    - `write`: include exchanges that write test data.
    - `samples`: how often each read-only exchange is repeated, 2 to 100.
    - `record`: the file to keep the answers in; an earlier record is replaced.
    - `against`: a file written by `record`, to compare one environment with.

    Returns the differences, including permitted ones; `holds` is true if only permitted ones were
    found.

    Raises `UsageError` if there is nothing to compare an environment with, or several are compared
    with a record; `RefusedError` if credentials belong to another account or a file is not a record
    of this platform; `TapgenError` if an environment does not answer.
    """
    if not _FEWEST <= samples <= _MOST:
        raise UsageError(
            f"--samples is {samples}, but must be {_FEWEST} to {_MOST}",
            f"Leave it out to use {SAMPLES}.",
        )
    names = [environment.name for environment in project.environments(environments)]
    if against and len(names) > 1:
        raise UsageError(
            f"--against is for one environment, but there are {len(names)}: {', '.join(names)}",
            f"Name one: `{_command(project, names[0], '--against', quote(str(against)))}`.",
        )
    if len(names) == 1 and not against and not record:
        raise UsageError(
            f"{names[0]} alone cannot be compared",
            "Name a second environment, keep its answers with --record FILE, or compare it with an "
            "earlier record with --against FILE.",
        )
    from tapgen.deploy.flow.parallel import collect, raise_failures
    from tapgen.deploy.observe.live.listening import conversation_of, listen
    from tapgen.render.files import read, refuse_foreign, write_atomically
    from tapgen.review.parity import behaviour as behaviours
    from tapgen.review.parity.recorded import Recorded, is_record, read_record, written

    live = conversation_of(project.platform)
    earlier = {}
    if against:
        again = _command(project, names[0], *(["--write"] * write), "--record", quote(str(against)))
        text = read(against)
        if text is None:
            raise UsageError(f"the file {against} does not exist", f"`{again}` writes it.")
        name, found = read_record(text, str(against), project.platform.name, again).of(names[0])
        earlier = {f"{name} (recorded)": found}
    if record:
        refuse_foreign(record, "a record of a conversation", is_record, option="--record")
    targets = {target.environment: target for target in project.looking().targets(names)}
    address = project.address
    heard = raise_failures(
        collect(
            targets,
            lambda target: listen(live, target, address, writes=write, samples=samples),
        ),
        "Nothing was compared.",
    )
    if record:
        write_atomically(record, written(Recorded(project.platform.name, write, heard)))
    compared = behaviours.compare({**heard, **earlier}, live.may_differ, whole=write)
    if not compared.exchanges:
        way = "The platform declares the exchanges in its live checks."
        if not write:
            again = _command(project, " --env ".join(names), "--write")
            way = f"`{again}` also includes exchanges that write test data. {way}"
        raise TapgenError("nothing was compared: no exchange took place in all environments", way)
    return Behaved(compared, against, write, samples)


def _command(project: Project, environment: str, *options: str) -> str:
    """A command to suggest for one environment."""
    parts = ["tapgen parity --live", f"--env {environment}", *options]
    return " ".join(parts) + project.suffix
