"""What `tapgen parity` compares: environments as declared, or as deployed in their accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tapgen.cli.invocation import Invocation
from tapgen.errors import UsageError
from tapgen.review.parity.comparison import Parity, compare


def compared(
    invocation: Invocation, names: Sequence[str], *, declared: bool, drift: bool
) -> Parity:
    """Compare the environments `names`, all when there is none; `drift` is looked for if wanted.

    Raises `UsageError` where a single one is to be compared with nothing.
    """
    if declared and drift:
        raise UsageError(
            "--declared asks nobody, so it cannot tell drift", "Leave --declared or --drift out."
        )
    environments = invocation.environments(names)
    if declared and len(environments) == 1:
        raise UsageError(
            f"{environments[0].name} alone cannot be compared",
            "Name a second environment, or leave --env out.",
        )
    rendered = invocation.rendered(environments)
    if declared:
        return compare(invocation.platform, rendered.stacks)
    from tapgen.deploy.observe.parity import sightings
    from tapgen.deploy.target.target import Target

    targets = (
        Target(stacks, rendered.code, invocation.connection(name), invocation.command_suffix)
        for name, stacks in rendered.stacks.items()
    )
    found = compare(invocation.platform, rendered.stacks, sightings(targets, detect=drift))
    return replace(found, detected=drift)
