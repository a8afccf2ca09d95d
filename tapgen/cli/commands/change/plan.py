"""`tapgen plan`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation

if TYPE_CHECKING:
    from tapgen.deploy.target.target import Target
    from tapgen.model.graph import Graph
    from tapgen.model.plan import Plan


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen plan --env prod --exit-code         in CI: 3 when anything would change\n"
    "  tapgen plan --env prod --out plan.json     for review, then `tapgen deploy --plan`\n"
    "  tapgen plan --all                          what would change anywhere\n"
    "  tapgen plan --discard plan.json            removes a plan that is not wanted"
)
@options.one_or_more
@options.layers
@click.option("--exit-code", is_flag=True, help="Exit 3 when anything would change.")
@options.plan_file(
    "--out", exists=False, text="Keep the change sets, and write the plan to FILE for review."
)
@options.plan_file(
    "--discard", "unwanted", exists=True, text="Remove the plan in FILE and its change sets."
)
@options.full
@options.operation
@options.on_aws("text", "json")
def command(
    invocation: Invocation,
    names: tuple[str, ...],
    everything: bool,
    layers: tuple[str, ...],
    exit_code: bool,
    out: Path | None,
    unwanted: Path | None,
    full: bool,
    output: str,
) -> int:
    """Show what a deployment would do, by change sets of AWS."""
    from tapgen.cli.views.runs import plans
    from tapgen.deploy.plan.unchanged import no_op_plan

    chosen = options.chosen(invocation, names, everything=everything)
    if len(chosen) > 1 and not (out or unwanted):
        from tapgen.cli import fleet

        would = fleet.plan(invocation, chosen, layers, output, full=full)
        return 3 if exit_code and would else 0
    name = options.only(chosen, "--out" if out else "--discard")
    if unwanted:
        from tapgen.cli import reviewing

        return reviewing.discard(invocation, unwanted, name)
    target = invocation.target(options.named(name))
    graph = target.part(layers)
    plan = None if full or out else no_op_plan(target, graph)
    if plan is None:
        plan = _asked(target, graph, invocation, out, full=full)
    plans.show_plan(plan, output, invocation.verbosity)
    return 3 if exit_code and plan.has_changes else 0


def _asked(
    target: Target, graph: Graph, invocation: Invocation, out: Path | None, *, full: bool
) -> Plan:
    """The plan that change sets give; they are kept only where it goes to a file."""
    from tapgen.cli.deploying import make_plan
    from tapgen.cli.locking import alone
    from tapgen.deploy.run.deployment import Deployment

    if out is None:
        deployment = Deployment(target, graph, full=full)
        with alone(target, "plan", graph):
            plan = make_plan(deployment, invocation, "text")
            deployment.discard(plan)
        return plan
    from tapgen.cli import reviewing

    deployment = Deployment(target, graph, mark=reviewing.mark(), full=full)
    with alone(target, "plan", graph):
        earlier = reviewing.replaced(target, out)
        plan = make_plan(deployment, invocation, "text")
        reviewing.keep(deployment, plan, out, earlier)
    return plan
