"""`tapgen approve`."""

from __future__ import annotations

from pathlib import Path

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen approve plan.json --profile approver    shows the plan, asks, and signs it\n"
    "  tapgen approve plan.json --check               who has approved it; 3 if not enough have\n\n"
    "The signature goes into the environment's ledger, where `tapgen deploy --plan` finds it. The "
    "person who made a plan, or deploys it, cannot approve it."
)
@click.argument(
    "path", metavar="FILE", type=options.FilePath(exists=True, dir_okay=False), required=True
)
@click.option("--check", is_flag=True, help="Sign nothing; show which approvals the plan has.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
@options.reason
@options.on_aws("text", "json")
def command(invocation: Invocation, path: Path, check: bool, yes: bool, output: str) -> int:
    """Sign a plan that somebody else made, so that it can be deployed."""
    from tapgen.cli.host import TerminalHost
    from tapgen.cli.views.runs import approvals as view
    from tapgen.operations.record import approval

    if check:
        return view.checked(approval.approvals(invocation.project, path), output)
    # The document is all that stdout has; whoever is asked sees the plan on stderr all the same.
    with TerminalHost(invocation.verbosity, yes=yes) as host:
        done = approval.approve(invocation.project, path, host)
    return view.approved(done, output)
