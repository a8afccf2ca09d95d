"""`tapgen promote`."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.choices import Choices
from tapgen.cli.invocation import Invocation
from tapgen.errors import UsageError


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen promote --from staging --to prod --from-profile staging --profile prod\n\n"
    "Nothing is deployed (exit 4) unless every layer runs in the first environment: deployed, "
    "healthy, undrifted, with the templates and the code that are rendered now."
)
@options.environment_as("--from", "source", "Environment where it is proven.")
@options.environment_as("--to", "name", "Environment that it is deployed to.")
@options.layers
@options.deployment
@options.operation
@options.on_aws("text", "json")
def command(
    invocation: Invocation,
    source: str,
    name: str,
    layers: tuple[str, ...],
    choices: Choices,
    output: str,
) -> int:
    """Deploy to an environment only what runs well in the one before."""
    from tapgen.cli.deploying import run
    from tapgen.cli.locking import alone
    from tapgen.cli.promoting import obey_promotion, prove

    if source == name:
        raise UsageError(f"{name} cannot be promoted from itself", "Name two environments.")
    target = invocation.target(name)
    graph = target.part(layers)
    with alone(target, "promote", graph):
        prove(invocation, source, target, graph, choices.from_profile)
        obey_promotion(invocation, target, graph, choices.from_profile, proven=source)
        return run(choices.deployment(target, graph), invocation, output, yes=choices.yes)
