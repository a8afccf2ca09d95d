"""`tapgen recover`."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen recover dev                          whatever needs help\n"
    "  tapgen recover dev --layer data --skip-resource data.SessionsTable\n\n"
    "Everything is tried plainly first. Only what --skip-resource names is ever left out, and only "
    "when it failed once more."
)
@options.environment()
@options.layers
@click.option(
    "--skip-resource",
    "skips",
    multiple=True,
    metavar="LAYER.RESOURCE",
    help="Go on without this resource if it fails once more; may be repeated.",
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
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
    """Get stacks out of states that a deployment cannot go on from."""
    from tapgen.cli.host import TerminalHost
    from tapgen.cli.views.runs.ends import rescued
    from tapgen.operations.rescue import recover

    with TerminalHost(invocation.verbosity, output, yes=yes) as host:
        done = recover(invocation.project, name, host, layers=layers, skip=skips)
    nothing = "No stack needs help."
    return rescued(done, output, invocation.verbosity, host.times, nothing)
