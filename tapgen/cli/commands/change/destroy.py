"""`tapgen destroy`."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen destroy dev                     the stacks; tables, buckets, keys and logs are kept\n"
    "  tapgen destroy dev --purge-data        these as well, permanently\n\n"
    "The next deployment takes over what was kept. Protected environments cannot be destroyed."
)
@options.environment()
@options.layers
@click.option("--purge-data", is_flag=True, help="Also delete retained data, permanently.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
@options.recorded
@options.approved
@options.on_aws("text", "json", stream=True)
def command(
    invocation: Invocation,
    name: str,
    layers: tuple[str, ...],
    purge_data: bool,
    yes: bool,
    output: str,
) -> int:
    """Delete the stacks of an environment, keeping its data."""
    from tapgen.cli.host import TerminalHost
    from tapgen.cli.views.runs.ends import destroyed
    from tapgen.operations.removal import destroy

    with TerminalHost(invocation.verbosity, output, yes=yes) as host:
        done = destroy(
            invocation.project,
            name,
            host,
            layers=layers,
            purge_data=purge_data,
            interrupt=host.interrupt,
        )
    return destroyed(done, output, invocation.verbosity, host.times)
