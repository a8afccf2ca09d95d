"""`tapgen status`."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation


@click.command()
@options.one_or_more
@options.layers
@options.on_aws("text", "json")
def command(
    invocation: Invocation,
    names: tuple[str, ...],
    layers: tuple[str, ...],
    output: str,
) -> None:
    """Show the state of each stack."""
    from tapgen.cli.views.outputs import show_status
    from tapgen.operations.observation import status

    chosen = options.required(names, looks=True)
    show_status(status(invocation.project, chosen, layers=layers), output)
