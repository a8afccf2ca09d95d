"""The conversation of a deployment: plan, question, progress, end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import click

from tapgen.cli.confirm import confirm
from tapgen.cli.invocation import Invocation
from tapgen.cli.views import plans
from tapgen.cli.views.outputs import outputs_table
from tapgen.cli.views.progress import follow, progress
from tapgen.deploy.deployment import Deployment
from tapgen.deploy.messages import PlanReady
from tapgen.errors import RefusedError, TapgenError
from tapgen.stacks.events import Failed, Outcome
from tapgen.stacks.plan import Plan


def run(deployment: Deployment, invocation: Invocation, output: str, *, yes: bool) -> int:
    """Plan, show the plan, ask, carry it out; gives the exit code."""
    plan = make_plan(deployment, invocation, output)
    # Even a quiet run shows what it asks about.
    if output == "text" and (invocation.verbosity >= 0 or not yes):
        click.echo(plans.plan_text(plan, invocation.verbosity), err=True)
    if plan.has_changes and not _agreed(deployment, plan, yes=yes):
        click.echo("Nothing was changed.", err=True)
        return 0
    with progress(output, invocation.verbosity, deployment.graph) as view:
        follow(deployment.carry_out(plan), view)
    outcomes = _ordered(deployment.outcomes, deployment.graph)
    if output == "json":
        plans.show_outcomes_json(outcomes)
        return exit_code(outcomes.values())
    plans.show_end(outcomes, deployment.target.command("deploy"))
    if invocation.verbosity >= 0 and plans.outputs_of(outcomes):
        click.echo("", err=True)
        click.echo(outputs_table(plans.outputs_of(outcomes)))
    return exit_code(outcomes.values())


def make_plan(deployment: Deployment, invocation: Invocation, output: str) -> Plan:
    """Plan with progress; the plan's own view is the caller's business."""
    with progress(output, invocation.verbosity, deployment.graph) as view:
        last = follow(deployment.plan(), view)
    if not isinstance(last, PlanReady):
        raise RuntimeError("planning ended without a plan")  # noqa: TRY004 - a bug, whatever came
    return last.plan


def exit_code(outcomes: Iterable[Outcome]) -> int:
    """0 when all is well, 4 when a guard refused, 1 when something else failed."""
    failures = [outcome for outcome in outcomes if isinstance(outcome, Failed)]
    if any(failure.refused for failure in failures):
        return RefusedError.exit_code
    return TapgenError.exit_code if failures else 0


def _agreed(deployment: Deployment, plan: Plan, *, yes: bool) -> bool:
    """Ask, and clean up the change sets when the answer is no (or cannot be had)."""
    protected = any(entry.stack.protected for entry in plan.entries.values())
    agreed = False
    try:
        agreed = confirm(
            f"Deploy this to {plan.environment}?",
            yes=yes,
            type_name=plan.environment if protected else None,
        )
    finally:
        if not agreed:
            deployment.discard(plan)
    return agreed


def _ordered(outcomes: Mapping[str, Outcome], layers: Iterable[str]) -> dict[str, Outcome]:
    return {layer: outcomes[layer] for layer in layers if layer in outcomes}
