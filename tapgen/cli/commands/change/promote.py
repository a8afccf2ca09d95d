"""`tapgen promote`."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.answers import Answers
from tapgen.cli.invocation import Invocation


@click.command(
    cls=options.GuardedCommand,
    epilog="Examples:\n\n\b\n"
    "  tapgen promote --from staging --to prod --from-profile staging --profile prod\n\n"
    "Nothing is deployed (exit 4) unless every layer in the first environment is deployed, "
    "healthy and without drift, with the templates and the code that are rendered now.",
)
@options.environment_as("--from", "source", "Environment to promote from.")
@options.environment("--to")
@options.layers
@options.deployment
@options.operation
@options.recorded
@options.approved
@options.on_aws("text", "json", stream=True)
def command(
    invocation: Invocation,
    source: str,
    name: str,
    layers: tuple[str, ...],
    answers: Answers,
    output: str,
) -> int:
    """Deploy only what already runs well in the previous environment."""
    from tapgen.cli.host import TerminalHost
    from tapgen.cli.views.runs.ends import deployed
    from tapgen.operations import deployment

    with TerminalHost(invocation.verbosity, output, yes=answers.yes) as host:
        choices = answers.choices(invocation.lifted, may_ask=host.may_ask)
        how = deployment.How(choices, answers.from_profile, host.interrupt)
        done = deployment.promote(invocation.project, source, name, host, how, layers=layers)
    return deployed(done, output, invocation.verbosity, host.times)
