"""`tapgen recover`."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen recover --env dev                    whatever needs help\n"
    "  tapgen recover --env dev --layer data --skip-resource data.SessionsTable\n\n"
    "Everything is tried plainly first. Only what --skip-resource names is ever left out, and only "
    "when it failed once more."
)
@options.environment
@options.layers
@click.option(
    "--skip-resource",
    "skips",
    multiple=True,
    metavar="LAYER.RESOURCE",
    help="Go on without this resource if it fails once more; may be repeated.",
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@options.on_aws("text", "json")
def command(
    invocation: Invocation,
    name: str,
    layers: tuple[str, ...],
    skips: tuple[str, ...],
    yes: bool,
    output: str,
) -> int:
    """Get stacks out of states that a deployment cannot go on from."""
    from tapgen.cli.locking import alone
    from tapgen.cli.rescuing import recover
    from tapgen.deploy.rescue.recover import Recovery

    target = invocation.target(name)
    recovery = Recovery(target, target.part(layers), frozenset(skips))
    with alone(target, "recover"):
        return recover(recovery, invocation, output, yes=yes)
