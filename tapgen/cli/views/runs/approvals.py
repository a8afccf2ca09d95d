"""The output of `tapgen approve`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from tapgen.cli import machine
from tapgen.cli.boundary import DIFFERENT
from tapgen.cli.terminal import echo, remark
from tapgen.cli.views.runs.ends import declined
from tapgen.cli.views.text import columns, counted, folded, table
from tapgen.deploy.guards.approvals import ANOTHER
from tapgen.model.approval import document
from tapgen.model.release import moment

if TYPE_CHECKING:
    from tapgen.operations.record.approval import Approved


def approved(done: Approved, output: str) -> int:
    """Print whether a plan was signed, and its approvals. Returns the exit code.

    Raises `RefusedError` if an approval in the ledger is not by the person it names.
    """
    if not done.agreed:
        return declined(output)
    if not done.signed and output != "json":
        remark(f"{done.person} has already approved it")
    _show(done, output)
    return 0


def checked(done: Approved, output: str) -> int:
    """Print the approvals of a plan. Returns the exit code; raises like `approved`."""
    _show(done, output)
    return 0 if done.judged.enough else DIFFERENT


def _show(done: Approved, output: str) -> None:
    judged, wanted = done.judged, done.judged.wanted
    problem = done.problem if judged.forged else None
    if output == "json":
        machine.show(_record(done), problem)
    else:
        rows = [(one.approval, "yes") for one in judged.counting]
        rows += [(one.approval, f"no: {one.why}") for one in judged.others]
        if rows:
            cells = [[one.person, moment(one.signed), counts, one.reason] for one, counts in rows]
            shown = table(["approved by", "signed (UTC)", "counts", "reason"], cells)
            echo(folded(shown, columns(sys.stdout)))
        number = f"{len(judged.counting)} of {counted(wanted.count, 'approval')}"
        echo(f"{done.environment}: {click.style(number, bold=True)}", err=True)
        if judged.enough:
            remark(f"next: `{done.command}`")
        elif not problem:
            remark(f"next: `{done.approve}`, by {ANOTHER}")
    if problem:
        raise problem


def _record(done: Approved) -> dict[str, Any]:
    judged = done.judged
    return {
        "environment": done.environment,
        "plan_digest": judged.wanted.plan_digest,
        "author": judged.wanted.author,
        "wanted": judged.wanted.count,
        "enough": judged.enough,
        "signed": done.key or None,
        "ledger": done.ledger,
        "approvals": [document(one) for one in judged.counting],
        "passed_over": [
            {"approver": one.approval.approver, "signed": one.approval.signed, "why": one.why}
            for one in judged.others
        ],
        "forged": dict(judged.forged),
    }
