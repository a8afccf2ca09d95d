"""`tapgen watch`."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation


@click.command(
    epilog="Ends when no operation and no run is in progress: with 0, or with 1 if a stack "
    "failed. Ctrl-C stops only the watching."
)
@options.environment(looks=True)
@options.layers
@options.on_aws("text", "json", stream=True)
def command(invocation: Invocation, name: str, layers: tuple[str, ...], output: str) -> int:
    """Follow what is in progress, from any terminal."""
    from tapgen.cli.host import TerminalHost
    from tapgen.cli.views.runs.ends import watched
    from tapgen.operations.rescue import watch

    with TerminalHost(invocation.verbosity, output) as host:
        done = watch(invocation.project, name, host, layers=layers)
    return watched(done, output, invocation.verbosity, host.times)
