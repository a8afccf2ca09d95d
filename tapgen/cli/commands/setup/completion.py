"""`tapgen completion`."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.boundary import COMPLETE_VARIABLE


@click.command(
    epilog="Add one of these to your shell's start-up file:\n\n\b\n"
    '  bash:  eval "$(tapgen completion bash)"\n'
    '  zsh:   eval "$(tapgen completion zsh)"\n'
    "  fish:  tapgen completion fish | source"
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@options.shared
@click.pass_context
def command(ctx: click.Context, shell: str) -> int:
    """Print the completion script of a shell."""
    from click.shell_completion import shell_complete

    root = ctx.find_root().command
    return shell_complete(root, {}, "tapgen", COMPLETE_VARIABLE, f"{shell}_source")
