"""`tapgen status`."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation


@click.command()
@options.environment
@options.layers
@options.on_aws("text", "json")
def command(invocation: Invocation, name: str, layers: tuple[str, ...], output: str) -> None:
    """Show the state of each stack."""
    from tapgen.cli.views.outputs import show_status
    from tapgen.deploy.inspection import at_work, states
    from tapgen.deploy.staleness import staleness

    target = invocation.target(name)
    found = states(target, target.part(layers))
    regions = {layer: stack.region for layer, stack in target.stacks.items()}
    show_status(found, regions, output, at_work(target, found), staleness(target, found))
