"""`tapgen graph`."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation
from tapgen.cli.terminal import echo


@click.command(
    epilog="Examples:\n\n\b\n  tapgen graph --format mermaid           for a README or a wiki\n"
    "  tapgen graph --format svg > layers.svg  an image for light and dark pages"
)
@options.output_format("text", "mermaid", "dot", "svg")
@options.shared
@click.pass_obj
def command(invocation: Invocation, output: str) -> None:
    """Show the layers and how they depend on each other."""
    from tapgen.cli.views.graphs.graph import VIEWS

    echo(VIEWS[output](invocation.project.platform.layers))
