"""`tapgen deploy`."""

from __future__ import annotations

from pathlib import Path

import click

from tapgen.cli import options
from tapgen.cli.answers import Answers
from tapgen.cli.invocation import Invocation
from tapgen.errors import UsageError


@click.command(
    cls=options.GuardedCommand,
    epilog="Examples:\n\n\b\n"
    "  tapgen deploy dev --local --yes            everything, to the embedded local AWS\n"
    "  tapgen deploy prod --profile prod          shows the plan and asks for 'prod'\n"
    "  tapgen deploy dev --layer compute          one layer\n"
    "  tapgen deploy dev qa                       several at once; --all for all\n"
    "  tapgen deploy --plan plan.json             exactly what `tapgen plan --out` showed\n\n"
    "If a stack fails, the cause is shown, and stacks that do not depend on it are still "
    "deployed.",
)
@options.one_or_more
@options.layers
@options.plan_file("--plan", "plan", exists=True, text="Execute the reviewed plan in FILE.")
@options.full
@options.deployment
@options.operation
@options.recorded
@options.approved
@options.on_aws("text", "json", stream=True)
def command(
    invocation: Invocation,
    names: tuple[str, ...],
    layers: tuple[str, ...],
    plan: Path | None,
    full: bool,
    answers: Answers,
    output: str,
) -> int:
    """Bring an environment in line with its settings."""
    from tapgen.cli.host import TerminalHost
    from tapgen.cli.views.runs.ends import deployed
    from tapgen.operations import deployment

    only = options.only(names, "--plan") if plan else None
    if plan and layers:
        raise UsageError(
            "--layer cannot be used with --plan, which deploys the layers in the plan",
            "Leave out --layer.",
        )
    many = len(names) > 1
    with TerminalHost(invocation.verbosity, output, yes=answers.yes, many=many) as host:
        choices = answers.choices(invocation.lifted, full=full, may_ask=host.may_ask)
        how = deployment.How(choices, answers.from_profile, host.interrupt)
        if plan:
            done = deployment.deploy_plan(invocation.project, plan, host, how, environment=only)
        else:
            wanted = options.required(names)
            done = deployment.deploy(invocation.project, wanted, host, how, layers=layers)
    return deployed(done, output, invocation.verbosity, host.times)
