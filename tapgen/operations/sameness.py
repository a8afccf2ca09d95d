"""Parity: which environments are the same, as declared or as deployed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tapgen.errors import UsageError
from tapgen.project import Project
from tapgen.review.parity.comparison import Parity, compare


def parity(
    project: Project, environments: Sequence[str], *, declared: bool = False, drift: bool = False
) -> Parity:
    """Tell which environments are the same, and everything that differs.

    - `project`: whose environments they are.
    - `environments`: names; all when none is named.
    - `declared`: compare what is rendered and ask nobody, instead of what is deployed.
    - `drift`: look for drift first.

    Gives the comparison, layer by layer; its `holds` says whether all is as it should be.

    Raises `UsageError` where a single environment is to be compared with nothing, or `declared` and
    `drift` are both wanted.
    """
    if declared and drift:
        raise UsageError(
            "--declared asks nobody, so it cannot tell drift", "Leave --declared or --drift out."
        )
    chosen = project.environments(environments)
    if declared and len(chosen) == 1:
        raise UsageError(
            f"{chosen[0].name} alone cannot be compared",
            "Name a second environment, or leave --env out.",
        )
    if declared:
        return compare(project.platform, project.rendered(chosen).stacks)
    from tapgen.deploy.observe.parity import sightings

    targets = project.targets([environment.name for environment in chosen])
    stacks = {target.environment: tuple(target.stacks.values()) for target in targets}
    found = compare(project.platform, stacks, sightings(targets, detect=drift))
    return replace(found, detected=drift)
