"""The guard of alarms: while one is in ALARM, CodeDeploy would shift a new version back at once.

It reads alarms only if a change set shifts an alias in steps. Since a fix may be urgent then, the
refusal says how to deploy it: all at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from tapgen.aws.resources.functions import ringing
from tapgen.deploy.target.target import Target
from tapgen.model.changes.rollouts import Rollout, moved, rollouts
from tapgen.model.plan import Planned, Refusal
from tapgen.model.stack import Stack


def ringing_alarms(entry: Planned, target: Target) -> tuple[Refusal, ...]:
    """The refusals of a change set whose rollouts have alarms in ALARM."""
    stack = entry.stack
    aliases = entry.rollouts
    names = dict.fromkeys(name for one in aliases for name in one.alarms)
    rings = ringing(target.region_of(stack), names) if names else {}
    option = at_once(target, stack) if rings else ""
    found = []
    for one in aliases:
        mine = [name for name in one.alarms if name in rings]
        if mine:
            why = "; ".join(f"{name}: {rings[name]}" for name in mine)
            reason = (
                f"CodeDeploy would move all traffic back to the old version of {one.function} at "
                f"once, because an alarm is in ALARM ({why})"
            )
            hint = "Wait until it is OK again, or deploy a fix all at once."
            found.append(Refusal(reason, hint, resource=one.alias, option=option))
    return tuple(found)


def at_once(target: Target, stack: Stack) -> str:
    """The option that deploys new versions of a stack without steps; "" if there is none."""
    ways = (f"--rollout {way}" for way, every in _ways(target, stack) if not every)
    return next(ways, "")


def cannot_go_back(entry: Planned, target: Target) -> Iterator[str]:
    """Notes about aliases that are updated at once while an alarm would prevent a rollback.

    A rollback of the stack shifts its aliases as before the update, in steps.
    """
    stack = entry.stack
    if entry.rollouts:
        return  # refused while an alarm is on
    for one in moved(_back(target, stack), entry.change_set.changes):
        if rings := ringing(target.region_of(stack), one.alarms):
            yield (
                f"{', '.join(rings)} is in ALARM: if another resource of {stack.layer} fails now, "
                f"CodeDeploy does not shift {one.function} back, and the stack needs "
                f"`{target.command('recover')}`"
            )


def rollout_back(target: Target, stack: Stack, alias: str) -> Rollout | None:
    """How an alias shifts back if the stack is rolled back; None if it does not shift in steps."""
    return next((one for one in _back(target, stack) if one.alias == alias), None)


def _back(target: Target, stack: Stack) -> tuple[Rollout, ...]:
    """The aliases that may shift back in steps.

    A rollback uses the stack's settings from before the update, even if the update is at once.
    """
    ways = (rollouts(stack, stack.parameters), *(every for _, every in _ways(target, stack)))
    return next(filter(None, ways), ())


def _ways(target: Target, stack: Stack) -> Iterator[tuple[str, tuple[Rollout, ...]]]:
    """Each value of the setting that selects the steps, with the aliases that shift in steps."""
    parameter = stack.template.parameter_of(target.platform.rollout)
    declared = stack.template.parameters.get(parameter or "", {})
    for way in declared.get("AllowedValues", ()):
        yield way, rollouts(stack, {**stack.parameters, str(parameter): way})
