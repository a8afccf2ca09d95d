"""All guards over a whole plan: nothing is executed before all of them have passed.

What becomes known only while the plan is carried out is checked then, stack by stack.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from tapgen.deploy.guards.data_loss import data_losses, lost_afterwards
from tapgen.deploy.guards.guard import Subject, asked
from tapgen.deploy.guards.protection import unprotection
from tapgen.deploy.guards.rollouts import cannot_go_back, ringing_alarms
from tapgen.deploy.guards.spending import overspending
from tapgen.errors import RefusedError
from tapgen.model.plan import Blocked, Plan, Planned, Refusal


def guarded(plan: Plan, subject: Subject, allowed: AbstractSet[str]) -> Plan:
    """The plan with the refusals of all guards, those of the engine and of the platform.

    `subject` is passed to the platform's guards, with each entry; `allowed` names what may be lost,
    each as "layer.LogicalId".
    """
    lifted = subject.lifted
    refusals = {"": unprotection(plan, lifted) + overspending(plan, subject.target, lifted)}
    for layer, entry in plan.entries.items():
        if isinstance(entry, Planned):
            refusals[layer] = _own(entry, allowed, subject) + asked(about(subject, entry))[1]
        elif isinstance(entry, Blocked) and entry.refused:
            refusals[layer] = (Refusal(entry.reason, entry.hint),)
    return replace(plan, refusals={layer: each for layer, each in refusals.items() if each})


def check(subject: Subject, entry: Planned, allowed: AbstractSet[str]) -> tuple[str, ...]:
    """The guards' notes on one entry. Raises `RefusedError` with all their refusals."""
    notes, refusals = asked(about(subject, entry))
    if refusals := _own(entry, allowed, subject) + refusals:
        raise error_of({"": refusals})
    return (*notes, *cannot_go_back(entry, subject.target))


def _own(entry: Planned, allowed: AbstractSet[str], subject: Subject) -> tuple[Refusal, ...]:
    """The refusals of the engine's guards for one entry."""
    lost = data_losses(entry, allowed) + lost_afterwards(entry, allowed)
    return lost + ringing_alarms(entry, subject.target)


def about(subject: Subject, entry: Planned) -> Subject:
    """The subject of guards for one entry of a plan."""
    return replace(subject, layers={entry.stack.layer}, entry=entry)


def refusal_of(plans: Mapping[str, Plan]) -> RefusedError | None:
    """The error with all refusals of plans; None if there are none."""
    found = {
        f"{name} {layer}".strip() if len(plans) > 1 else layer: refusals
        for name, plan in plans.items()
        for layer, refusals in plan.refusals.items()
    }
    return error_of(found) if found else None


def error_of(found: Mapping[str, tuple[Refusal, ...]]) -> RefusedError:
    """One error for all refusals, each with where it applies."""
    every = [(where, refusal) for where, refusals in found.items() for refusal in refusals]
    if len(every) == 1:
        message = every[0][1].reason
    else:
        lines = [
            f"\n  {where}: {one.reason}" if where else f"\n  {one.reason}" for where, one in every
        ]
        message = f"{len(every)} changes are refused:{''.join(lines)}"
    hints = dict.fromkeys(one.hint for _, one in every)
    options = " ".join(dict.fromkeys(one.option for _, one in every if one.option))
    meant = f"If that is intended, say so: {options}" if options else ""
    return RefusedError(message, " ".join(filter(None, [*hints, meant])))
