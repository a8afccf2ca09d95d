"""`tapgen deploy`."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import click

from tapgen.cli import options
from tapgen.cli.choices import Choices
from tapgen.cli.invocation import Invocation


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen deploy --env dev --local --yes      everything, to the embedded local AWS\n"
    "  tapgen deploy --env prod --profile prod    shows the plan and asks for 'prod'\n"
    "  tapgen deploy --env dev --layer compute    one layer\n"
    "  tapgen deploy --env dev --env qa           several at once; --all for every one\n"
    "  tapgen deploy --plan plan.json             exactly what `tapgen plan --out` showed\n\n"
    "What failed is shown with its cause; what did not depend on it goes on."
)
@options.one_or_more
@options.layers
@options.plan_file("--plan", "plan", exists=True, text="Carry out the reviewed plan in FILE.")
@options.full
@options.deployment
@options.operation
@options.on_aws("text", "json")
def command(
    invocation: Invocation,
    names: tuple[str, ...],
    everything: bool,
    layers: tuple[str, ...],
    plan: Path | None,
    full: bool,
    choices: Choices,
    output: str,
) -> int:
    """Bring an environment in line with its settings."""
    from tapgen.cli.deploying import run
    from tapgen.cli.locking import alone
    from tapgen.cli.promoting import obey_promotion
    from tapgen.deploy.plan.unchanged import no_op_plan

    chosen = options.chosen(invocation, names, everything=everything)
    if len(chosen) > 1 and not plan:
        from tapgen.cli import fleet

        return fleet.deploy(invocation, chosen, layers, choices, output, full=full)
    name = options.only(chosen, "--plan")
    if plan and layers:
        raise click.UsageError("--plan says which layers to deploy: leave --layer out")
    if plan:
        from tapgen.cli import reviewing

        target = reviewing.target_of(invocation, plan, name)
    else:
        target = invocation.target(options.named(name))
    graph = target.part(layers)
    settled = None if plan or full else no_op_plan(target, graph)
    with nullcontext() if settled else alone(target, "deploy", graph):
        reviewed = reviewing.reviewed_plan(target, plan) if plan else settled
        graph = target.part(reviewed.entries if reviewed else layers)
        obey_promotion(invocation, target, graph, choices.from_profile)
        deployment = choices.deployment(target, graph, strict=plan is not None, full=full)
        return run(deployment, invocation, output, yes=choices.yes, reviewed=reviewed)
