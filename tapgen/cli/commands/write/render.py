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
    "  tapgen render --check      in CI: exit 3 if anything is not as rendered\n"
    "  tapgen render prod         only prod's stack files, and the templates\n"
    "  tapgen render --resolved scanned   templates with their values filled in"
)
@options.environments
@options.templates("Folder to write to")
@click.option(
    "--resolved",
    type=options.FilePath(file_okay=False),
    help="Write templates with their values filled in to this folder, and nothing else.",
)
@click.option("--check", is_flag=True, help="Write nothing; show the difference and exit 3.")
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
        raise UsageError("--resolved and --check exclude each other", "Leave one out.")
    if resolved and output == "json":
        raise UsageError(
            "--resolved and --format json exclude each other",
            "Leave one out: what it writes is JSON.",
        )
    if resolved:
        rendering.render_resolved(invocation.project, names, resolved)
        view.show_resolved(resolved)
        return 0
    out = folder or invocation.project.templates
    done = rendering.render(invocation.project, names, out=out, check=check)
    if check:
        view.show_check(done.changes, out, output)
        return DIFFERENT if done.changes else 0
    view.show_written(done.counts, done.changes, out, output, invocation.verbosity)
    return 0
