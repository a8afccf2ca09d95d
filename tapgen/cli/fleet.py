"""The conversation of a run over several environments: plans, one question, progress, end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tapgen.cli.boundary import INTERRUPTED
from tapgen.cli.choices import Choices
from tapgen.cli.confirm import confirm
from tapgen.cli.deploying import asking, exit_code
from tapgen.cli.interrupting import interruptible
from tapgen.cli.invocation import Invocation
from tapgen.cli.terminal import echo
from tapgen.cli.views.runs import fleet as views
from tapgen.cli.views.runs.fleet import fleet_progress
from tapgen.cli.views.runs.progress import follow
from tapgen.cli.views.text import counted
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.run.fleet import Fleet

# A question names so many environments; more are counted, the plans above it name them.
_NAMED: Final = 6


def deploy(  # noqa: PLR0913 - the options of the command
    invocation: Invocation,
    names: Sequence[str],
    layers: Sequence[str],
    choices: Choices,
    output: str,
    *,
    full: bool,
) -> int:
    """Plan all environments, show the plans, ask, carry them out; gives the exit code."""
    fleet = _fleet(invocation, names, layers, choices, full=full)
    with fleet.held("deploy", full=full) as notes:
        _make_plans(fleet, invocation, output, notes)
        # Even a quiet run shows what it asks about.
        if output == "text" and (invocation.verbosity >= 0 or not choices.yes):
            echo(views.plans_text(fleet.plans, invocation.verbosity), err=True)
        if not _agreed(fleet, yes=choices.yes):
            echo("Nothing was changed.", err=True)
            return 0
        _carry_out(fleet, invocation, output, yes=choices.yes)
    if output == "json":
        views.show_outcomes_json(fleet.outcomes)
    else:
        commands = {target.environment: target.command("deploy") for target in fleet.targets}
        views.show_end(fleet.outcomes, commands, invocation.verbosity)
    if fleet.brake.presses:
        return INTERRUPTED
    return exit_code(outcome for each in fleet.outcomes.values() for outcome in each.values())


def plan(
    invocation: Invocation, names: Sequence[str], layers: Sequence[str], output: str, *, full: bool
) -> bool:
    """Plan all environments and show what a deployment would do; gives whether it would do any."""
    targets = invocation.targets(names)
    deployments = [Deployment(each, each.some(layers), full=full) for each in targets]
    fleet = Fleet(deployments, {}, invocation.other)
    with fleet.held("plan", full=full) as notes:
        _make_plans(fleet, invocation, "text", notes)
        fleet.discard()
    if output == "json":
        views.show_plans_json(fleet.plans)
    else:
        echo(views.plans_text(fleet.plans, invocation.verbosity))
    return any(plan.has_changes for plan in fleet.plans.values())


def _fleet(
    invocation: Invocation,
    names: Sequence[str],
    layers: Sequence[str],
    choices: Choices,
    *,
    full: bool,
) -> Fleet:
    targets = invocation.targets(names)
    settings = {one.name: one.settings.deployment for one in invocation.environments(names)}
    sources = {name: each.promoted_from for name, each in settings.items() if each.promoted_from}
    return Fleet(
        [choices.deployment(each, each.some(layers), full=full) for each in targets],
        sources,
        lambda name: invocation.other(name, choices.from_profile),
    )


def _make_plans(fleet: Fleet, invocation: Invocation, output: str, notes: Sequence[str]) -> None:
    for note in notes:
        echo(f"note: {note}", err=True)
    with fleet_progress(output, invocation.verbosity, _layers(fleet)) as view:
        follow(fleet.plan(), view)


def _agreed(fleet: Fleet, *, yes: bool) -> bool:
    """Ask once for all, and clean up the change sets when the answer is no (or cannot be had)."""
    changing = {name: plan for name, plan in fleet.plans.items() if plan.has_changes}
    if not changing:
        return True
    protected = [
        name
        for name, plan in changing.items()
        if any(entry.stack.protected for entry in plan.entries.values())
    ]
    many = len(changing) > _NAMED
    which = counted(len(changing), "environment") if many else ", ".join(changing)
    agreed = False
    try:
        agreed = confirm(f"Deploy this to {which}?", yes=yes, type_name=" ".join(protected) or None)
    finally:
        if not agreed:
            fleet.discard()
    return agreed


def _carry_out(fleet: Fleet, invocation: Invocation, output: str, *, yes: bool) -> None:
    with fleet_progress(output, invocation.verbosity, _layers(fleet)) as view:
        ask = None if yes or output == "json" else asking(view, invocation.verbosity, many=True)
        with interruptible(fleet.brake, "deploy"):
            follow(fleet.carry_out(ask), view)


def _layers(fleet: Fleet) -> dict[str, Sequence[str]]:
    return {name: list(one.graph) for name, one in fleet.deployments.items()}
