"""The guard of costs: an environment costs more than its settings let it only when that is said.

What is planned is compared, whole, whichever layers are deployed: the limit is the environment's.
"""

from __future__ import annotations

from collections.abc import Collection

from tapgen.deploy.target.target import Target
from tapgen.model.plan import Plan, Refusal
from tapgen.model.platform import ALLOW_COST


def overspending(plan: Plan, target: Target, lifted: Collection[str]) -> tuple[Refusal, ...]:
    """The refusal of a plan for what may cost more than the limit, unless that is allowed."""
    cost = target.options.cost
    if cost.monthly_limit is None or not plan.has_changes or ALLOW_COST in lifted:
        return ()
    from tapgen.review.cost.limit import SETTING, excess

    said = excess(target.platform, [*target.stacks.values()], cost)
    if not said:
        return ()
    place = target.places.get(SETTING)
    where = f" ({place})" if place else ""
    hint = f"`{target.command('cost')}` says what for."
    return (Refusal(f"{plan.environment}: {said}{where}", hint, option=ALLOW_COST),)
