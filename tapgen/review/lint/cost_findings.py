"""Findings for environments that may cost more than their limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tapgen.model.stack import Stack
from tapgen.review.lint.findings import Finding
from tapgen.settings.environment import Environment

LIMIT_ID: Final = "T051"
LIMIT_NAME: Final = "monthly-limit"


def lint_costs(
    environments: Sequence[Environment], stacks: Mapping[str, Sequence[Stack]]
) -> Iterator[Finding]:
    """Yield a finding for each environment above its limit, at the place of that setting."""
    limited = [one for one in environments if one.settings.cost.monthly_limit is not None]
    if not limited:
        return
    from tapgen.review.cost.limit import SETTING, excess

    for one in limited:
        if said := excess(one.platform, stacks[one.name], one.settings.cost):
            place = one.sources[SETTING]
            yield Finding(
                place.path,
                place.line,
                place.column,
                LIMIT_ID,
                LIMIT_NAME,
                "error",
                f"{said}; `tapgen cost --env {one.name}` shows the items",
                environments=(one.name,),
            )
