"""`tapgen recover`."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen recover dev                          all stacks that need it\n"
    "  tapgen recover dev --layer data --skip-resource data.SessionsTable\n\n"
    "Recovery is first tried without skipping any resource. A resource that --skip-resource names "
    "is skipped only if it fails again; an alias that CodeDeploy shifts is not tried again."
)
@options.environment()
@options.layers
@click.option(
    "--skip-resource",
    "skips",
    multiple=True,
    metavar="LAYER.RESOURCE",
    help="Skip this resource if it fails again; may be repeated.",
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
@options.recorded
@options.on_aws("text", "json", stream=True)
def command(
    invocation: Invocation,
    name: str,
    layers: tuple[str, ...],
    skips: tuple[str, ...],
    yes: bool,
    output: str,
) -> int:
    """Recover stacks from states that block deployments."""
    from tapgen.cli.host import TerminalHost
    from tapgen.cli.views.runs.ends import rescued
    from tapgen.operations.rescue import recover

    with TerminalHost(invocation.verbosity, output, yes=yes) as host:
        done = recover(invocation.project, name, host, layers=layers, skip=skips)
    nothing = "No stack needs recovery."
    return rescued(done, output, invocation.verbosity, host.times, nothing)
