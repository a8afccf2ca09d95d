"""The guard of alarms that ring: CodeDeploy would take a new version back as soon as it is called.

It looks at alarms only where a change set moves an alias in steps. A fix is what is wanted then
above all, so it says how that gets out: all at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from tapgen.aws.resources.functions import ringing
from tapgen.deploy.target.target import Target
from tapgen.model.changes.rollouts import Rollout, moved, rollouts
from tapgen.model.plan import Planned, Refusal
from tapgen.model.stack import Stack


def ringing_alarms(entry: Planned, target: Target) -> tuple[Refusal, ...]:
    """What is refused of a change set because alarms ring that its rollouts ask."""
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
            hint = "Wait until it is OK again, or deploy a fix without asking it."
            found.append(Refusal(reason, hint, resource=one.alias, option=option))
    return tuple(found)


def at_once(target: Target, stack: Stack) -> str:
    """The option by which new versions of a stack take over without steps; "" for none."""
    ways = (f"--rollout {way}" for way, every in _ways(target, stack) if not every)
    return next(ways, "")


def cannot_go_back(entry: Planned, target: Target) -> Iterator[str]:
    """Notes about aliases that move at once while an alarm is on that keeps them from going back.

    A stack that is rolled back shifts its aliases as it did before.
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
    """How an alias of a stack shifts back when the stack is rolled back; None if it does not."""
    return next((one for one in _back(target, stack) if one.alias == alias), None)


def _back(target: Target, stack: Stack) -> tuple[Rollout, ...]:
    """The aliases that may shift back in steps.

    What counts then is how the stack was before: also where they go forward at once.
    """
    ways = (rollouts(stack, stack.parameters), *(every for _, every in _ways(target, stack)))
    return next(filter(None, ways), ())


def _ways(target: Target, stack: Stack) -> Iterator[tuple[str, tuple[Rollout, ...]]]:
    """Each value of the setting that selects the steps, with the aliases that move in steps."""
    parameter = stack.template.parameter_of(target.platform.rollout)
    declared = stack.template.parameters.get(parameter or "", {})
    for way in declared.get("AllowedValues", ()):
        yield way, rollouts(stack, {**stack.parameters, str(parameter): way})
