"""`tapgen render`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation
from tapgen.errors import UsageError

if TYPE_CHECKING:
    from tapgen.render.rendering import FileChange


@click.command(
    epilog="Examples:\n\n\b\n  tapgen render              write everything into templates_out/\n"
    "  tapgen render --check      in CI: exit 3 if anything is not as rendered\n"
    "  tapgen render --env prod   only prod's stack files, and the templates\n"
    "  tapgen render --resolved scanned   templates with their values put in"
)
@options.environments
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("templates_out"),
    show_default=True,
    help="Folder to write to.",
)
@click.option(
    "--resolved",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write templates with their values put in to this folder, and nothing else.",
)
@click.option("--check", is_flag=True, help="Write nothing; show the difference and exit 3.")
@options.output_format("text", "json")
@options.cache
@options.shared
@click.pass_obj
def command(
    invocation: Invocation,
    names: tuple[str, ...],
    out: Path,
    resolved: Path | None,
    check: bool,
    output: str,
) -> int:
    """Write the templates and the stack files of each environment."""
    from tapgen.cli.views import rendering

    if resolved and check:
        raise UsageError("--resolved and --check exclude each other", "Leave one out.")
    if resolved:
        from tapgen.render.resolved import write_resolved

        write_resolved(invocation.rendered(invocation.environments(names)), resolved)
        return 0

    from tapgen.render.function_package import code_of
    from tapgen.render.remembered import Rendering

    platform = invocation.platform
    code = code_of(platform)
    past = Rendering(invocation.store(), platform, invocation.envs_dir, names, code)
    counts = past.unchanged(out, invocation.names())
    changes: tuple[FileChange, ...] = ()
    if counts is None:
        from tapgen.render.rendering import file_changes, write

        rendered = invocation.rendered(invocation.environments(names), code)
        changes = file_changes(rendered, out, invocation.names(), past.note)
        if not check:
            write(changes, out)
        counts = past.keep(rendered)
    if check:
        rendering.show_check(changes, out, output)
        return 3 if changes else 0
    rendering.show_written(counts, changes, out, output, invocation)
    return 0
