"""`tapgen report`."""

from __future__ import annotations

from pathlib import Path

import click

from tapgen.cli import options
from tapgen.cli.boundary import DIFFERENT
from tapgen.cli.invocation import Invocation


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen report --out report.html           what this branch does since it left main\n"
    "  tapgen report --against v1.4 > page.html  since a tag, branch or commit\n"
    "  tapgen report --no-lint --format json     as JSON, without the seconds that cfn-lint "
    "takes\n\n"
    "The page is self-contained: open it from disk, attach it to a build, print it."
)
@options.environments
@click.option(
    "--against",
    metavar="WHAT",
    help="What to compare with, as for `tapgen diff`: `deployed`, an environment, or a git "
    "revision. By default the commit where the current branch left main.",
)
@click.option(
    "--out",
    type=options.FilePath(dir_okay=False, allow_dash=True),
    default=Path("-"),
    metavar="FILE",
    help="File to write; an earlier report is replaced. By default, or with `-`, the report is "
    "printed.",
)
@click.option("--force", is_flag=True, help="Let --out overwrite any file.")
@options.templates("Folder in which rendered files are committed", names=())
@click.option("--no-lint", is_flag=True, help="Leave out findings; saves the seconds of cfn-lint.")
@click.option(
    "--history",
    is_flag=True,
    help="Also show the newest releases of each environment; asks AWS, as `tapgen history` does.",
)
@click.option(
    "--exit-code",
    is_flag=True,
    help="Exit 3 if there are findings, or environments differ where they must be the same.",
)
@options.output_format("html", "json")
@options.aws
@options.shared
@click.pass_obj
def command(
    invocation: Invocation,
    names: tuple[str, ...],
    against: str | None,
    out: Path,
    force: bool,
    folder: Path | None,
    no_lint: bool,
    history: bool,
    exit_code: bool,
    output: str,
) -> int:
    """Write a one-page report on impact, findings, parity and layers."""
    from tapgen.cli.remarks import Remarks
    from tapgen.cli.views import report as view
    from tapgen.operations.review import report

    view.refuse_foreign_file(out, force=force)
    found = report(
        invocation.project,
        names,
        Remarks(),
        against=against,
        folder=folder,
        with_lint=not no_lint,
        with_history=history,
    )
    view.show(found, output, out, invocation.verbosity)
    return DIFFERENT if exit_code and not found.holds else 0
