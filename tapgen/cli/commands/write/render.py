"""`tapgen render`."""

from __future__ import annotations

from pathlib import Path

import click

from tapgen.cli import options
from tapgen.cli.boundary import DIFFERENT
from tapgen.cli.invocation import Invocation
from tapgen.errors import UsageError


@click.command(
    epilog="Examples:\n\n\b\n  tapgen render              write everything into templates_out/\n"
    "  tapgen render --check      in CI: exit 3 if any file is out of date\n"
    "  tapgen render prod         the templates and only prod's stack files\n"
    "  tapgen render --resolved scanned   templates with their values filled in"
)
@options.environments
@options.templates("Folder to write to")
@click.option(
    "--resolved",
    type=options.FilePath(file_okay=False),
    help="Write only templates with their values filled in, to this folder.",
)
@click.option(
    "--check", is_flag=True, help="Write nothing; show differences and exit 3 if there are any."
)
@options.output_format("text", "json")
@options.cache
@options.shared
@click.pass_obj
def command(
    invocation: Invocation,
    names: tuple[str, ...],
    folder: Path | None,
    resolved: Path | None,
    check: bool,
    output: str,
) -> int:
    """Write the templates and the stack files of each environment."""
    from tapgen.cli.views import rendering as view
    from tapgen.operations import rendering

    if resolved and check:
        raise UsageError("--resolved cannot be used with --check", "Leave out one of them.")
    if resolved and output == "json":
        raise UsageError(
            "--resolved cannot be used with --format json",
            "Leave out --format: the files that it writes are JSON anyway.",
        )
    if resolved:
        rendering.render_resolved(invocation.project, names, resolved)
        view.show_resolved(resolved)
        return 0
    out = folder or invocation.project.templates
    done = rendering.render(invocation.project, names, out=out, check=check)
    if check:
        view.show_check(done.changes, out, output, named=folder is not None)
        return DIFFERENT if done.changes else 0
    view.show_written(done.counts, done.changes, out, output, invocation.verbosity)
    return 0
