"""`tapgen outputs`."""

from __future__ import annotations

from pathlib import Path

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen outputs dev --format flat           writes cfn-outputs/flat-outputs.json\n"
    "  tapgen outputs dev --format dotenv         lines for a shell or a .env file"
)
@options.environment(looks=True)
@options.layers
@options.output_format("table", "json", "flat", "dotenv")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("cfn-outputs"),
    show_default=True,
    help="Folder that `--format flat` writes to.",
)
@options.aws
@options.shared
@click.pass_obj
def command(
    invocation: Invocation, name: str, layers: tuple[str, ...], output: str, out: Path
) -> None:
    """Show the outputs of each stack, or write them to a file."""
    from tapgen.cli.views.outputs import show_outputs
    from tapgen.operations.observation import outputs

    show_outputs(outputs(invocation.project, name, layers=layers), output, out)
