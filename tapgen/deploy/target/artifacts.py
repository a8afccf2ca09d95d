"""The platform's bucket for function code and large templates."""

from __future__ import annotations

from collections.abc import Mapping

from tapgen.aws.resources.artifacts import Artifacts
from tapgen.deploy.target.target import Target
from tapgen.model.stack import Stack


def artifacts_bucket(target: Target) -> Artifacts | None:
    """The environment's artifacts bucket; None if it does not exist (yet)."""
    where = target.artifacts
    if where is None:
        return None
    return _bucket(target, (target.outputs(where.layer) or {}).get(where.output))


def artifacts_for(target: Target, stack: Stack, parameters: Mapping[str, str]) -> Artifacts | None:
    """The bucket that the stack's parameters name for its code; None if they name none."""
    taken = (name for name, source in stack.inputs.items() if source == target.artifacts)
    return _bucket(target, parameters.get(next(taken, "")))


def _bucket(target: Target, name: str | None) -> Artifacts | None:
    where = target.artifacts
    if where is None or name is None:
        return None
    return Artifacts(target.account, target.stacks[where.layer].region, name)
