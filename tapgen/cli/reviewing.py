"""Plan files on the command line: kept for review, carried out, discarded."""

from __future__ import annotations

import secrets
from pathlib import Path

from tapgen.cli.invocation import Invocation
from tapgen.cli.locking import alone
from tapgen.cli.terminal import echo
from tapgen.cli.views.text import counted
from tapgen.deploy.plan import plan_files
from tapgen.deploy.plan.plan_file import SavedPlan
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.target.target import Target
from tapgen.model.plan import Plan


def mark() -> str:
    """What ends the names of a plan's change sets, so that no other run takes them for its own."""
    return f"-{secrets.token_hex(4)}"


def keep(deployment: Deployment, plan: Plan, path: Path, earlier: SavedPlan | None) -> None:
    """Write the plan file; when that fails, the change sets are discarded.

    Those of the `earlier` plan in the same file go once the new one is there.
    """
    try:
        plan_files.save(plan, path, deployment.target.code.sha256)
    except BaseException:
        deployment.discard(plan)
        raise
    if earlier:
        count = plan_files.discard_change_sets(earlier, deployment.target)
        echo(f"{path} held another plan; removed its {counted(count, 'change set')}", err=True)
    echo(f"wrote {path}: `{_deploy(deployment.target, path)}` carries it out", err=True)


def replaced(target: Target, path: Path) -> SavedPlan | None:
    """The plan that `path` holds already. Raises `RefusedError` where that is something else."""
    return plan_files.replaced(target, path)


def target_of(invocation: Invocation, path: Path, name: str | None) -> Target:
    """The environment that was asked for, otherwise the one that the plan file is for."""
    return invocation.target(name or plan_files.load(path).environment)


def reviewed_plan(target: Target, path: Path) -> Plan:
    """The plan of the file, if it still holds."""
    return plan_files.reviewed_plan(plan_files.load(path), target, str(path))


def discard(invocation: Invocation, path: Path, name: str | None) -> int:
    """Remove a plan that will never be carried out; gives the exit code."""
    target = target_of(invocation, path, name)
    with alone(target, "plan --discard"):
        count = plan_files.discard(plan_files.load(path), target, path)
    echo(f"removed {path} and its {counted(count, 'change set')}", err=True)
    return 0


def _deploy(target: Target, path: Path) -> str:
    return target.command("deploy", f"--plan {path}")
