"""Rollback: the order of the steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tapgen.deploy.flow.host import Host
from tapgen.errors import UsageError
from tapgen.model.release import rolling_back_to
from tapgen.operations.deployment import (
    Deployed,
    How,
    Planned,
    ask_and_do,
    only_planned,
    outliving,
    plan_all,
    planned_into,
    rolling_back,
)
from tapgen.project import Project


@dataclass(frozen=True)
class RolledBack:
    """How a rollback to `release` ended.

    `done` is None if it was only planned. `command` deploys what is declared again.
    """

    release: int
    made: Planned
    done: Deployed | None = None
    command: str = ""


def rollback(  # noqa: PLR0913 - all but the first three have names and defaults
    project: Project,
    environment: str,
    host: Host,
    how: How | None = None,
    *,
    to: int | None = None,
    layers: Sequence[str] = (),
    dry_run: bool = False,
    out: Path | None = None,
) -> RolledBack:
    """Return an environment to its state after an earlier release, from its ledger.

    Templates, code and parameters are those that were deployed then, regardless of git and the
    project's files. Guards and protection are those of today.

    - `project`: the project of the environment.
    - `environment`: its name.
    - `host`: receives the plan and what is not rolled back, and is asked before anything is
      executed.
    - `how`: how it is executed, see `How`; the defaults allow no loss of protected data.
    - `to`: the number of the release; by default the last one that succeeded before the current
      one.
    - `layers`: only these layers of the release; all if empty.
    - `dry_run`: only plan, and delete the change sets again.
    - `out`: only plan, and keep the plan in this file, for `deploy_plan`.

    Returns the release, the plan, and how the rollback ended.

    Raises `UsageError` if there is no such release; `TapgenError` if part of it is missing from the
    ledger or was changed there; otherwise like `deploy`. Nothing is started in these cases.
    """
    from tapgen.operations.record.restoration import restoration

    found = restoration(project, environment, to)
    number = found.release.number
    if unknown := [layer for layer in layers if layer not in found.layers]:
        raise UsageError(
            f"release {number} of {environment} has no layer {' or '.join(unknown)}",
            f"Its layers: {', '.join(found.layers)}.",
        )
    how = how or How()
    fleet = rolling_back(
        found, how if out is None else outliving(how), layers, unapproved=project.unapproved
    )
    with fleet.held("rollback", host, look_first=False):
        found.refuse_newer()
        host.tell(found.told)
        if out or dry_run:
            made = planned_into(project, fleet, host, out) if out else only_planned(fleet, host)
            return RolledBack(number, made)
        from tapgen.operations.record.records import Records

        records = Records(project, "rollback", source=rolling_back_to(number))
        plan_all(fleet, host)
        done = ask_and_do(fleet, host, how.interrupt, records)
        command = found.target.command("deploy")
        return RolledBack(number, Planned(done.plans), done, command)
