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
    "  tapgen cost --explain staging prod       which settings make the difference\n"
    "  tapgen cost --format csv > cost.csv      for a spreadsheet\n"
    "  tapgen cost --refresh                    ask AWS for its list prices first\n\n"
    "Low and high are what autoscaling moves between. What callers do stands in the settings below "
    "`cost`; without them only what is there anyway is counted. What has no price is named."
)
@options.environments
@click.option(
    "--against",
    metavar="WHAT",
    help="Tell what changes: against `deployed`, an environment, or a git revision.",
)
@click.option(
    "--explain", is_flag=True, help="Tell what each setting makes of the difference of two."
)
@click.option(
    "--refresh",
    is_flag=True,
    help="Ask AWS for its list prices, and write them into the project's file of prices.",
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
        raise UsageError("--explain and --against tell two differences", "Leave one of them out.")
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
