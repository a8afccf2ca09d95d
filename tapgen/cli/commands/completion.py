"""`tapgen completion`."""

from __future__ import annotations

import click

from tapgen.cli import options


@click.command(
    epilog="Add one of these to your shell's start-up file:\n\n\b\n"
    '  bash:  eval "$(tapgen completion bash)"\n'
    '  zsh:   eval "$(tapgen completion zsh)"\n'
    "  fish:  tapgen completion fish | source"
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@options.shared
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell."""
    from click.shell_completion import get_completion_class

    completion = get_completion_class(shell)
    if completion is None:  # pragma: no cover - click knows all three
        raise click.UsageError(f"click has no completion for {shell}")
    root = ctx.find_root().command
    click.echo(completion(root, {}, "tapgen", "_TAPGEN_COMPLETE").source())
