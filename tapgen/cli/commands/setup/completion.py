"""`tapgen completion`."""

from __future__ import annotations

from typing import Final, cast

import click

from tapgen.cli import options
from tapgen.cli.boundary import COMPLETE_VARIABLE
from tapgen.cli.terminal import echo

# Shell -> lines inserted below the script's first line, which autoloaders read.
_BEFORE: Final = {
    "zsh": """
# Without compinit, zsh has no compdef.
if [[ $zsh_eval_context[-1] != loadautofunc ]] && (( ! $+functions[compdef] )); then
    autoload -Uz compinit && compinit
fi
"""
}


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
    """Print the completion script for a shell."""
    from click.shell_completion import ShellComplete, get_completion_class

    kind = cast("type[ShellComplete]", get_completion_class(shell))  # click has all of these
    script = kind(ctx.find_root().command, {}, "tapgen", COMPLETE_VARIABLE).source()
    first, end, rest = script.partition("\n")
    echo(f"{first}{end}{_BEFORE.get(shell, '')}{rest}")
