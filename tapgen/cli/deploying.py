"""The conversation of a deployment: plan, question, progress, end."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping

import click

from tapgen.cli.boundary import INTERRUPTED
from tapgen.cli.confirm import confirm
from tapgen.cli.interrupting import at_once, interruptible
from tapgen.cli.invocation import Invocation
from tapgen.cli.terminal import echo
from tapgen.cli.views.outputs import outputs_table
from tapgen.cli.views.runs import plans
from tapgen.cli.views.runs.changes import change_lines
from tapgen.cli.views.runs.progress import View, follow, progress
from tapgen.deploy.flow.events import PlanReady
from tapgen.deploy.plan.approval import Ask
from tapgen.deploy.run.deployment import Deployment
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.deployed.events import Failed, Outcome
from tapgen.model.plan import Plan, Planned


def run(
    deployment: Deployment,
    invocation: Invocation,
    output: str,
    *,
    yes: bool,
    reviewed: Plan | None = None,
) -> int:
    """Plan, show the plan, ask, carry it out; gives the exit code.

    A plan that was `reviewed` as a file is not made again, and stays when the answer is no.
    """
    plan = reviewed or make_plan(deployment, invocation, output)
    # Even a quiet run shows what it asks about.
    if output == "text" and (invocation.verbosity >= 0 or not yes):
        echo(plans.plan_text(plan, invocation.verbosity), err=True)
    if plan.has_changes and not _agreed(deployment, plan, yes=yes, keep=reviewed is not None):
        echo("Nothing was changed.", err=True)
        return 0
    with progress(output, invocation.verbosity, deployment.graph) as view:
        ask = None if yes or output == "json" else asking(view, invocation.verbosity)
        with interruptible(deployment.brake, "deploy"):
            follow(deployment.carry_out(plan, ask), view)
    outcomes = _ordered(deployment.outcomes, deployment.graph)
    code = INTERRUPTED if deployment.brake.presses else exit_code(outcomes.values())
    if output == "json":
        plans.show_outcomes_json(outcomes)
        return code
    plans.show_end(outcomes, deployment.target.command("deploy"), invocation.verbosity)
    if invocation.verbosity >= 0 and plans.outputs_of(outcomes):
        echo("", err=True)
        echo(outputs_table(plans.outputs_of(outcomes)))
    return code


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


def asking(view: View, verbosity: int, *, many: bool = False) -> Ask | None:
    """How to ask about what the plan did not show; None without a terminal to ask at.

    With `many` environments, the question names the one that it is about.
    """
    if not sys.stdin.isatty():
        return None

    def ask(entry: Planned) -> bool:
        stack = entry.stack
        with view.paused(), at_once():
            what = f"{stack.environment} {stack.layer}" if many else stack.layer
            echo(f"\n{what} was pending. Now its inputs are there:", err=True)
            echo("\n".join(change_lines(entry, verbosity)), err=True)
            name = stack.environment if stack.protected else None
            try:
                return confirm("Go on with this?", yes=False, type_name=name)
            except click.Abort:  # Ctrl-C means the run, as it does at any other moment
                raise KeyboardInterrupt from None

    return ask


def _agreed(deployment: Deployment, plan: Plan, *, yes: bool, keep: bool) -> bool:
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
        if not agreed and not keep:
            deployment.discard(plan)
    return agreed


def _ordered(outcomes: Mapping[str, Outcome], layers: Iterable[str]) -> dict[str, Outcome]:
    return {layer: outcomes[layer] for layer in layers if layer in outcomes}
