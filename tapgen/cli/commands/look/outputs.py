"""`tapgen outputs`."""

from __future__ import annotations

from pathlib import Path

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation
from tapgen.errors import UsageError


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
    type=options.FilePath(),
    metavar="FILE",
    help="File that `--format flat` writes, cfn-outputs/flat-outputs.json by default.",
)
@options.aws
@options.shared
@click.pass_obj
def command(
    invocation: Invocation, name: str, layers: tuple[str, ...], output: str, out: Path | None
) -> None:
    """Show the outputs of each stack, or write them to a file."""
    from tapgen.cli.views.outputs import show_outputs
    from tapgen.operations.observation import outputs

    if out and output != "flat":
        raise UsageError(
            f"--out cannot be used with --format {output}, only with --format flat",
            "Write other formats to a file with `> FILE`.",
        )
    show_outputs(outputs(invocation.project, name, layers=layers), output, out)
