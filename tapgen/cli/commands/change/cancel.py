"""`tapgen cancel`."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation


@click.command(
    epilog="An update in progress is rolled back. Resources of a creation in progress are "
    "deleted. Other "
    "operations cannot be cancelled; tapgen waits until they end."
)
@options.environment()
@options.layers
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
@options.recorded
@options.on_aws("text", "json", stream=True)
def command(
    invocation: Invocation, name: str, layers: tuple[str, ...], yes: bool, output: str
) -> int:
    """Cancel what is in progress, from any terminal."""
    from tapgen.cli.host import TerminalHost
    from tapgen.cli.views.runs.ends import rescued
    from tapgen.operations.rescue import cancel

    with TerminalHost(invocation.verbosity, output, yes=yes) as host:
        done = cancel(invocation.project, name, host, layers=layers)
    nothing = "Nothing is in progress."
    return rescued(done, output, invocation.verbosity, host.times, nothing)
