"""The guard of files: a deployment that is certain to fail, as the files show, is not started."""

from __future__ import annotations

from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError
from tapgen.review.declared import faults


def refuse_faulty(target: Target) -> None:
    """Raise `TapgenError` with every fault of the environment's stacks that would fail in AWS."""
    if found := list(faults(target.stacks)):
        listed = "".join(f"\n  {fault}" for fault in found)
        raise TapgenError(
            f"{target.environment} cannot be deployed as it is declared:{listed}",
            f"Fix the layers or their registry; `{target.file_command('lint')}` shows where each "
            "fault is.",
        )
