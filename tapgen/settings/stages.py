"""Stages: environments that may be deployed in parallel, one stage after the other."""

from __future__ import annotations

from collections.abc import Sequence

from tapgen.settings.environment import Environment


def stages(
    environments: Sequence[Environment], order: Sequence[str]
) -> tuple[tuple[Environment, ...], ...]:
    """The environments in stages: those of one stage may be deployed in parallel.

    - `environments`: in their order within a stage. Their promotions form no circle, which
      `settings.checks` guarantees.
    - `order`: names of environments in the order of promotion, as a platform or a project has it.

    An environment comes after the one that it is promoted from, and not before its place in
    `order`. An environment with neither is in the first stage. No stage is empty.
    """
    sources = {one.name: one.settings.deployment.promoted_from for one in environments}
    places = {name: place for place, name in enumerate(order)}

    def rank(name: str) -> int:
        source = sources[name]
        after = rank(source) + 1 if source in sources else 0
        return max(after, places.get(name, 0))

    ranks = {one.name: rank(one.name) for one in environments}
    return tuple(
        tuple(one for one in environments if ranks[one.name] == wanted)
        for wanted in sorted(set(ranks.values()))
    )
