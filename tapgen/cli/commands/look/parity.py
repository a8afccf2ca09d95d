"""`tapgen parity`."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.boundary import DIFFERENT
from tapgen.cli.invocation import Invocation


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen parity --declared                     as rendered, without AWS\n"
    "  tapgen parity staging prod                   as deployed\n"
    "  tapgen parity --drift                        looking for drift first\n"
    "  tapgen parity --profile 'payments-{env}'     a profile for each environment's account\n"
    "  tapgen parity --declared --format markdown   for a pull request\n\n"
    "Exits 3 when something differs that must not, or is not deployed as declared."
)
@options.environments
@click.option("--declared", is_flag=True, help="Compare what is rendered; AWS is not asked.")
@click.option(
    "--drift", is_flag=True, help="Look for drift now, instead of telling what was last detected."
)
@options.on_aws("text", "json", "markdown")
def command(
    invocation: Invocation, names: tuple[str, ...], declared: bool, drift: bool, output: str
) -> int:
    """Prove which environments are the same, and list what differs."""
    from tapgen.cli.views import parity as view
    from tapgen.operations.sameness import parity

    found = parity(invocation.project, names, declared=declared, drift=drift)
    view.show(found, output)
    return 0 if found.holds else DIFFERENT
