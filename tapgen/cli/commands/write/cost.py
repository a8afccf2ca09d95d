"""`tapgen cost`."""

from __future__ import annotations

from pathlib import Path

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation
from tapgen.errors import UsageError


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen cost                              every environment, layer by layer\n"
    "  tapgen cost prod                         each resource, with quantities\n"
    "  tapgen cost --against main               what this branch adds\n"
    "  tapgen cost --explain staging prod       which settings cause the difference\n"
    "  tapgen cost --format csv > cost.csv      for a spreadsheet\n"
    "  tapgen cost --refresh                    with current list prices from AWS\n\n"
    "A range shows the lowest and the highest cost that autoscaling allows. The settings below "
    "`cost` declare the expected usage; without them, only costs that do not depend on usage are "
    "counted. Resources without a known price are listed."
)
@options.environments
@click.option(
    "--against",
    metavar="WHAT",
    help="Show the difference from `deployed`, an environment, or a git revision.",
)
@click.option(
    "--explain",
    is_flag=True,
    help="Show how much each setting contributes to the difference between two environments.",
)
@click.option(
    "--refresh",
    is_flag=True,
    help="Fetch current list prices from AWS and write them to the project's price file.",
)
@options.templates("Folder in which rendered files are committed", names=())
@options.output_format("text", "json", "markdown", "csv")
@options.cache
@options.aws
@options.shared
@click.pass_obj
def command(
    invocation: Invocation,
    names: tuple[str, ...],
    against: str | None,
    explain: bool,
    refresh: bool,
    folder: Path | None,
    output: str,
) -> None:
    """Estimate what environments cost a month, and what a change adds."""
    from tapgen.cli.remarks import Remarks
    from tapgen.cli.views import cost as view
    from tapgen.operations.spending import cost

    if explain and against:
        raise UsageError("--explain cannot be used with --against", "Leave out one of them.")
    found = cost(
        invocation.project,
        names,
        Remarks(),
        against=against,
        folder=folder,
        explain=explain,
        refresh=refresh,
    )
    view.show(found, output, invocation.verbosity)
