"""`tapgen history`."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation
from tapgen.errors import UsageError


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen history prod                the newest releases, and whether AWS agrees with them\n"
    "  tapgen history prod 17             one release, with everything it changed\n"
    "  tapgen history --all --limit 3     the last three of each environment\n\n"
    "A release is a run that changed something. If the run was killed before it recorded its end, "
    "the record is completed from AWS."
)
@options.one_or_more
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="Number of releases to show, newest first; 20 by default.",
)
@options.on_aws("text", "json")
def command(invocation: Invocation, names: tuple[str, ...], limit: int | None, output: str) -> None:
    """Show the releases of an environment: who did what, when and why."""
    from tapgen.cli.views.runs import history as view
    from tapgen.operations.record import releases

    numbers = [name for name in names if name.isdecimal()]
    chosen = options.required(tuple(n for n in names if n not in numbers), looks=True)
    if not numbers:
        most = limit or releases.MOST
        view.show(releases.history(invocation.project, chosen, most=most), output)
        return
    if limit or len(numbers) > 1:
        raise UsageError(
            "only one release can be shown at a time, without --limit",
            f"Run `tapgen history {chosen[0]} {numbers[0]}`.",
        )
    only = str(options.only(chosen, f"Release {numbers[0]}"))
    view.show_one(releases.release(invocation.project, only, int(numbers[0])), output)
