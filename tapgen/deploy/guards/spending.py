"""The guard of costs: an environment exceeds its cost limit only if an option allows it.

The limit is the environment's, so the cost of the whole environment is compared with it, even if
only some layers are deployed.
"""

from __future__ import annotations

from collections.abc import Collection

from tapgen.deploy.target.target import Target
from tapgen.model.plan import Plan, Refusal
from tapgen.model.platform import ALLOW_COST


def overspending(plan: Plan, target: Target, lifted: Collection[str]) -> tuple[Refusal, ...]:
    """The refusal of a plan that may cost more than the limit, unless an option allows it."""
    cost = target.options.cost
    if cost.monthly_limit is None or not plan.has_changes or ALLOW_COST in lifted:
        return ()
    from tapgen.review.cost.limit import SETTING, excess

    said = excess(target.platform, [*target.stacks.values()], cost)
    if not said:
        return ()
    place = target.places.get(SETTING)
    where = f" ({place})" if place else ""
    hint = f"`{target.command('cost')}` shows what costs how much."
    return (Refusal(f"{plan.environment}: {said}{where}", hint, option=ALLOW_COST),)
