"""The conversation of `tapgen drift`: what drifted, and setting it back."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tapgen.cli.confirm import confirm
from tapgen.cli.deploying import exit_code
from tapgen.cli.invocation import Invocation
from tapgen.cli.locking import alone
from tapgen.cli.terminal import echo
from tapgen.cli.views import drift
from tapgen.cli.views.runs import plans
from tapgen.cli.views.runs.progress import follow, progress
from tapgen.deploy.observe.drift import look_for_drift
from tapgen.deploy.rescue.repair import Repair
from tapgen.deploy.target.target import Target
from tapgen.model.deployed.drift import LayerDrift
from tapgen.model.plan import Plan

DRIFTED = 3


def look(target: Target, layers: Sequence[str], invocation: Invocation, output: str) -> int:
    """Show what drifted; gives the exit code."""
    found = _found(target, layers)
    if output == "json":
        echo(drift.drift_json(target.environment, found))
    else:
        _show(target, found, invocation)
    return _code(found)


def repair(
    target: Target, layers: Sequence[str], invocation: Invocation, output: str, *, yes: bool
) -> int:
    """Show what drifted, then how it would be set back, ask, do it, and look again."""
    with alone(target, "drift --repair"):
        found = _found(target, layers)
        if output == "text":
            _show(target, found, invocation)
        drifted = [layer.layer for layer in found if layer.drifted]
        if drifted:
            code = _set_back(Repair(target), drifted, invocation, output, yes=yes)
            if code is not None:
                found = _found(target, layers)
                if output == "text":
                    _show(target, found, invocation)
            if code:
                return code
    if output == "json":
        record = {"event": "Drift", **drift.drift_record(target.environment, found)}
        echo(json.dumps(record, sort_keys=True, default=str))
    return _code(found)


def _set_back(
    work: Repair, layers: Sequence[str], invocation: Invocation, output: str, *, yes: bool
) -> int | None:
    """Exit code 0 unless something failed; None where nothing was done."""
    plan = work.plan(layers)
    if output == "text" and (invocation.verbosity >= 0 or not yes):
        echo(plans.plan_text(plan, invocation.verbosity), err=True)
    if not plan.has_changes:
        echo("CloudFormation itself sees nothing to set back; do it by hand.", err=True)
        return None
    if not _agreed(work, plan, yes=yes):
        echo("Nothing was changed.", err=True)
        return None
    with progress(output, invocation.verbosity, plan.entries) as view:
        follow(work.carry_out(plan), view)
    if output == "json":
        plans.show_outcomes_json(work.outcomes)
    else:
        plans.show_end(
            work.outcomes, work.target.command("drift", "--repair"), invocation.verbosity
        )
    return exit_code(work.outcomes.values())


def _agreed(work: Repair, plan: Plan, *, yes: bool) -> bool:
    protected = any(entry.stack.protected for entry in plan.entries.values())
    name = plan.environment
    agreed = False
    try:
        agreed = confirm(f"Do this to {name}?", yes=yes, type_name=name if protected else None)
    finally:
        if not agreed:
            work.discard()
    return agreed


def _found(target: Target, layers: Sequence[str]) -> list[LayerDrift]:
    return list(look_for_drift(target, target.part(layers)))


def _show(target: Target, found: Sequence[LayerDrift], invocation: Invocation) -> None:
    text = drift.drift_text(found, invocation.verbosity)
    if text:
        echo(text)
    way_back = f"`{target.command('drift', '--repair')}` sets it back."
    if invocation.local:  # which has no drift-aware change sets
        way_back = "Set it back by hand."
    echo(drift.summary(target.environment, found, way_back), err=True)


def _code(found: Sequence[LayerDrift]) -> int:
    """What could not be looked at is not called undrifted."""
    return DRIFTED if any(layer.drifted or not layer.checked for layer in found) else 0
