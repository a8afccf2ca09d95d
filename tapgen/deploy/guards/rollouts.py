"""The guard of alarms that ring: CodeDeploy would take a new version back as soon as it is called.

It looks at alarms only where a change set moves an alias in steps. A fix is what is wanted then
above all, so it says how that gets out: all at once.
"""

from __future__ import annotations

from tapgen.aws.resources.functions import ringing
from tapgen.deploy.target.target import Target
from tapgen.model.changes.rollouts import rollouts
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
    parameter = stack.template.parameter_of(target.platform.rollout)
    declared = stack.template.parameters.get(parameter or "", {})
    for way in declared.get("AllowedValues", ()):
        if not rollouts(stack, {**stack.parameters, str(parameter): way}):
            return f"--rollout {way}"
    return ""
