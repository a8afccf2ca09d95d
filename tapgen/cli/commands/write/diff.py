"""`tapgen diff`."""

from __future__ import annotations

from pathlib import Path

import click

from tapgen.cli import options
from tapgen.cli.boundary import DIFFERENT
from tapgen.cli.invocation import Invocation
from tapgen.errors import UsageError

_PLACES = ("sarif", "github")


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen diff prod                           since this branch left main\n"
    "  tapgen diff --all --format markdown        the comment for a pull request\n"
    "  tapgen diff prod --against v1.4            since a tag, branch or commit\n"
    "  tapgen diff prod --against deployed        since the last deployment (needs credentials)\n"
    "  tapgen diff prod --against staging         how two environments differ\n"
    "  tapgen diff --all --cost                   also what the change costs a month"
)
@options.environments
@click.option(
    "--all", "everything", is_flag=True, help="Every environment, including removed ones."
)
@click.option(
    "--against",
    metavar="WHAT",
    help="`deployed`, an environment, or a git revision. By default the commit where the current "
    "branch left main.",
)
@options.templates("Folder in which rendered files are committed")
@click.option(
    "--cost", "with_costs", is_flag=True, help="Also show what the change adds to monthly costs."
)
@click.option("--exit-code", is_flag=True, help="Exit 3 if anything differs.")
@click.option(
    "--fail-on",
    type=click.Choice(("data-loss", "unprotect", "replacement", "any")),
    help="Exit 3 if data may be lost, protection is switched off, a resource may be replaced, "
    "or anything differs; each includes the previous ones.",
)
@options.on_aws("text", "json", "markdown", "sarif", "github")
def command(
    invocation: Invocation,
    names: tuple[str, ...],
    everything: bool,
    against: str | None,
    folder: Path | None,
    with_costs: bool,
    exit_code: bool,
    fail_on: str | None,
    output: str,
) -> int:
    """Predict what a change would do to each resource, without asking AWS."""
    from tapgen.cli.remarks import Remarks
    from tapgen.cli.views import diff as view
    from tapgen.operations.review import diff
    from tapgen.review.diff.reading.verdict import fails

    options.refuse_both(names, everything=everything)
    if with_costs and output in _PLACES:
        raise UsageError(
            f"--cost cannot be used with --format {output}, which only holds findings at a place "
            "in a file",
            "Leave out --cost, or choose another format.",
        )
    comparison = diff(
        invocation.project,
        names,
        Remarks(),
        against=against,
        folder=folder,
        with_costs=with_costs,
    )
    view.show(comparison, output, invocation.verbosity)
    return DIFFERENT if fails(comparison, "any" if exit_code else fail_on) else 0
