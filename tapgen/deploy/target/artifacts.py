"""The bucket that the platform keeps function code and large templates in."""

from __future__ import annotations

from collections.abc import Mapping

from tapgen.aws.resources.artifacts import Artifacts
from tapgen.deploy.target.target import Target
from tapgen.model.stack import Stack


def artifacts_bucket(target: Target) -> Artifacts | None:
    """The environment's artifacts; None where it has no such bucket (yet)."""
    where = target.artifacts
    if where is None:
        return None
    return _bucket(target, (target.outputs(where.layer) or {}).get(where.output))


def artifacts_for(target: Target, stack: Stack, parameters: Mapping[str, str]) -> Artifacts | None:
    """The bucket that the stack is told to take its code from; None where it is told none."""
    taken = (name for name, source in stack.inputs.items() if source == target.artifacts)
    return _bucket(target, parameters.get(next(taken, "")))


def _bucket(target: Target, name: str | None) -> Artifacts | None:
    where = target.artifacts
    if where is None or name is None:
        return None
    return Artifacts(target.account, target.stacks[where.layer].region, name)
