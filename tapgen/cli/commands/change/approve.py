"""`tapgen approve`."""

from __future__ import annotations

from pathlib import Path

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen approve plan.json --profile approver    shows the plan, and signs it if confirmed\n"
    "  tapgen approve plan.json --check               who approved it; exit 3 if too few did\n\n"
    "The signature is stored in the environment's ledger, where `tapgen deploy --plan` finds it. "
    "Neither the author of a plan nor the person who deploys it can approve it."
)
@click.argument(
    "path", metavar="FILE", type=options.FilePath(exists=True, dir_okay=False), required=True
)
@click.option("--check", is_flag=True, help="Sign nothing; show which approvals the plan has.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
@options.reason
@options.on_aws("text", "json")
def command(invocation: Invocation, path: Path, check: bool, yes: bool, output: str) -> int:
    """Sign a plan made by someone else, so that it can be deployed."""
    from tapgen.cli.host import TerminalHost
    from tapgen.cli.views.runs import approvals as view
    from tapgen.operations.record import approval

    if check:
        return view.checked(approval.approvals(invocation.project, path), output)
    # stdout holds nothing but the document; the plan is shown on stderr before the question.
    with TerminalHost(invocation.verbosity, yes=yes) as host:
        done = approval.approve(invocation.project, path, host)
    return view.approved(done, output)
