"""`tapgen drift`."""

from __future__ import annotations

from pathlib import Path

import click

from tapgen.cli import options
from tapgen.cli.boundary import DIFFERENT
from tapgen.cli.invocation import Invocation
from tapgen.errors import UsageError


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen drift prod                          exit 3 if anything has drifted\n"
    "  tapgen drift prod --layer network          one layer\n"
    "  tapgen drift prod --repair                 repairs it, after confirmation\n"
    "  tapgen drift prod --format markdown --sarif prod.sarif   for an issue and code scanning\n\n"
    "Shows for each property the declared value, the last deployed value and the actual value. "
    "Capacity that autoscaling has raised above the declared value is not drift."
)
@options.environment(looks=True, unless="repair")
@options.layers
@click.option(
    "--repair",
    is_flag=True,
    help="Repair drift with drift-aware change sets; json is then a stream, as for `tapgen "
    "deploy`.",
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation before the repair.")
@click.option(
    "--sarif",
    type=options.FilePath(dir_okay=False),
    metavar="FILE",
    help="Also write the drift to FILE as SARIF, for code scanning; not with --repair.",
)
@options.recorded
@options.on_aws("text", "json", "markdown")
def command(
    invocation: Invocation,
    name: str,
    layers: tuple[str, ...],
    repair: bool,
    yes: bool,
    sarif: Path | None,
    output: str,
) -> int:
    """Find changes made outside the templates, and repair them."""
    from tapgen.cli.host import TerminalHost
    from tapgen.cli.views import drift as view
    from tapgen.cli.views.runs.ends import repaired
    from tapgen.operations import observation

    project = invocation.project
    if repair and (sarif or output == "markdown"):
        raise UsageError(
            "--repair supports neither --sarif nor --format markdown",
            "Leave them out, or leave out --repair.",
        )
    if not repair:
        found = observation.drift(project, name, layers=layers)
        if sarif:
            view.write_sarif(found, project.templates, sarif)
        view.show_found(found, output, invocation.verbosity)
        return 0 if found.is_clean else DIFFERENT
    with TerminalHost(invocation.verbosity, output, yes=yes) as host:
        done = observation.repair(project, name, host, layers=layers)
    return repaired(done, output, invocation.verbosity, host.times)
