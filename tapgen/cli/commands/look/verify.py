"""`tapgen verify`."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.boundary import DIFFERENT
from tapgen.cli.invocation import Invocation
from tapgen.errors import TapgenError


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen verify dev --local                resources and API in the embedded local AWS\n"
    "  tapgen verify prod --read-only           writes nothing\n"
    "  tapgen verify dev --format json          every comparison\n\n"
    "The platform's calls may write test data, with names that begin with tapgen-verify-; "
    "--read-only leaves these calls out.\n\n"
    "Exits 3 if anything is not as declared, 1 if no difference was found but something could not "
    "be read."
)
@options.environment(looks=True)
@click.option("--read-only", is_flag=True, help="Call only API operations that write nothing.")
@options.on_aws("text", "json")
def command(invocation: Invocation, name: str, read_only: bool, output: str) -> int:
    """Compare what is deployed with what is declared, and call the API."""
    from tapgen.cli.views.live import verification
    from tapgen.deploy.observe.checks import unseen
    from tapgen.operations.observation import verify

    project = invocation.project
    checks = verify(project, name, read_only=read_only)
    again = f"tapgen deploy --env {name}{project.suffix}"
    verification.show(name, checks, output, invocation.verbosity, again)
    if any(check.ok is False for check in checks):
        return DIFFERENT
    return TapgenError.exit_code if any(unseen(check) for check in checks) else 0
