"""The blueprint of the payments platform: the engine's, with a tag for the cost center."""

from __future__ import annotations

from typing import Any

from tapgen.payments.limits import COST_CENTER
from tapgen.render import blueprint


class Blueprint(blueprint.Blueprint):
    """A layer's template whose resources have the tag CostCenter and the engine's tags."""

    def tags(self) -> dict[str, Any]:
        """Return the five tags that every taggable resource carries."""
        cost_center = self.shared("CostCenter", "cost_center", "Cost center.", COST_CENTER)
        return {"CostCenter": cost_center, **super().tags()}
