"""The guard of files: what they already tell would fail is not tried."""

from __future__ import annotations

from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError
from tapgen.review.declared import faults


def refuse_faulty(target: Target) -> None:
    """Raise `TapgenError` with everything about the environment's stacks that is known to fail."""
    if found := list(faults(target.stacks)):
        listed = "".join(f"\n  {fault}" for fault in found)
        raise TapgenError(
            f"{target.environment} cannot be deployed as it is declared:{listed}",
            f"Fix the layers or their registry; `tapgen lint --env {target.environment}` says "
            "where each is.",
        )
