"""The conversations of `recover`, `cancel` and `watch`."""

from __future__ import annotations

from collections.abc import Mapping

from tapgen.cli.confirm import confirm
from tapgen.cli.deploying import exit_code
from tapgen.cli.invocation import Invocation
from tapgen.cli.terminal import echo
from tapgen.cli.views.runs import plans, rescues
from tapgen.cli.views.runs.progress import follow, progress
from tapgen.cli.views.text import table
from tapgen.deploy.rescue.cancel import Cancellation
from tapgen.deploy.rescue.recover import Recovery
from tapgen.deploy.rescue.watch import Watching
from tapgen.deploy.target.target import Target
from tapgen.model.deployed.events import Deleted, Failed, Outcome


def recover(recovery: Recovery, invocation: Invocation, output: str, *, yes: bool) -> int:
    """Look, say what would be done, ask, do it; gives the exit code."""
    target = recovery.target
    with progress(output, invocation.verbosity, recovery.layers) as view:
        follow(recovery.look(), view)
    if not recovery.cases:
        echo("No stack needs help.", err=True)
        return 0
    if output == "text":
        echo(rescues.recovery_text(recovery.cases), err=True)
    if not _agreed(f"Do this in {target.environment}?", target, yes=yes):
        return 0
    with progress(output, invocation.verbosity, recovery.cases) as view:
        follow(recovery.run(), view)
    return _end(recovery.outcomes, recovery.cases, target, output, invocation.verbosity)


def cancel(cancellation: Cancellation, invocation: Invocation, output: str, *, yes: bool) -> int:
    """Say what is in progress, ask, stop it; gives the exit code."""
    target = cancellation.target
    cancellation.look()
    if not cancellation.moving:
        echo("Nothing is in progress.", err=True)
        return 0
    if output == "text":
        echo(rescues.cancellation_text(cancellation.moving), err=True)
    if not _agreed(f"Stop this in {target.environment}?", target, yes=yes):
        return 0
    with progress(output, invocation.verbosity, cancellation.moving) as view:
        follow(cancellation.run(), view)
    return _end(cancellation.outcomes, cancellation.moving, target, output, invocation.verbosity)


def watch(watching: Watching, invocation: Invocation, output: str) -> int:
    """Follow to the end; gives the exit code."""
    with progress(output, invocation.verbosity, watching.layers) as view:
        follow(watching.run(), view)
    if not watching.outcomes and output == "text":
        echo("Nothing is in progress.", err=True)
        return 0
    return _end(
        watching.outcomes,
        watching.layers,
        watching.target,
        output,
        invocation.verbosity,
        next_step=False,
    )


def _agreed(question: str, target: Target, *, yes: bool) -> bool:
    protected = any(stack.protected for stack in target.stacks.values())
    agreed = confirm(question, yes=yes, type_name=target.environment if protected else None)
    if not agreed:
        echo("Nothing was changed.", err=True)
    return agreed


def _end(  # noqa: PLR0913 - the last has a name and a default
    outcomes: Mapping[str, Outcome],
    layers: Mapping[str, object],
    target: Target,
    output: str,
    verbosity: int,
    *,
    next_step: bool = True,
) -> int:
    ordered = {layer: outcomes[layer] for layer in layers if layer in outcomes}
    if output == "json":
        plans.show_outcomes_json(ordered)
        return exit_code(ordered.values())
    plans.show_end(ordered, target.command("deploy"), verbosity)
    left = [
        (layer, *resource)
        for layer, outcome in ordered.items()
        if isinstance(outcome, Deleted)
        for resource in outcome.retained
    ]
    if left:
        echo(
            "\nLeft behind; the next deployment takes over what is retained, delete the rest:",
            err=True,
        )
        echo(table(["layer", "type", "resource"], left))
    if (
        next_step
        and verbosity >= 0
        and not any(isinstance(outcome, Failed) for outcome in ordered.values())
    ):
        echo(f"\nnext: `{target.command('deploy')}` goes on.", err=True)
    return exit_code(ordered.values())
