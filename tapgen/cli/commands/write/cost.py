"""`tapgen cost`."""

from __future__ import annotations

from pathlib import Path

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen cost                              every environment, layer by layer\n"
    "  tapgen cost prod                         each resource, with quantities\n"
    "  tapgen cost --against main               what this branch adds\n"
    "  tapgen cost --format csv > cost.csv      for a spreadsheet\n\n"
    "Low and high are what autoscaling moves between. What callers do stands in the settings below "
    "`cost`; without them only what is there anyway is counted. What has no price is named."
)
@options.environments
@click.option(
    "--against",
    metavar="WHAT",
    help="Tell what changes: against `deployed`, an environment, or a git revision.",
)
@options.templates("Folder in which rendered files are committed", names=())
@options.output_format("text", "json", "markdown", "csv")
@options.aws
@options.shared
@click.pass_obj
def command(
    invocation: Invocation,
    names: tuple[str, ...],
    against: str | None,
    folder: Path | None,
    output: str,
) -> None:
    """Estimate what environments cost a month, and what a change adds."""
    from tapgen.cli.remarks import Remarks
    from tapgen.cli.views import cost as view
    from tapgen.operations.review import cost

    found = cost(invocation.project, names, Remarks(), against=against, folder=folder)
    view.show(found, output, invocation.verbosity)
