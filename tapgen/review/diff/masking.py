"""Secrets are compared like every other value, and never shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final, TypeVar

from tapgen.model.changes.secrets import MASK, secret_parameters
from tapgen.model.stack import Stack
from tapgen.review.diff.report import (
    EnvironmentDiff,
    LayerDiff,
    OutputChange,
    PropertyChange,
    StackChange,
)

_Change = TypeVar("_Change", PropertyChange, OutputChange, StackChange)
# Shorter ones occur in many words by chance; as a whole value they are masked too.
_SHORTEST_PART: Final = 4


def masked(diff: EnvironmentDiff, stacks: Iterable[Stack]) -> EnvironmentDiff:
    """The comparison without the values of secret parameters in `stacks`, which are both sides."""
    secrets = {
        stack.parameters[name]
        for stack in stacks
        for name in secret_parameters(stack.template) & stack.parameters.keys()
    }
    if not secrets:
        return diff
    return replace(diff, layers=tuple(_layer(layer, secrets) for layer in diff.layers))


def _layer(layer: LayerDiff, secrets: set[str]) -> LayerDiff:
    return replace(
        layer,
        resources=tuple(
            replace(change, properties=tuple(_change(one, secrets) for one in change.properties))
            for change in layer.resources
        ),
        outputs=tuple(_change(output, secrets) for output in layer.outputs),
        stack=tuple(_change(change, secrets) for change in layer.stack),
    )


def _change(change: _Change, secrets: set[str]) -> _Change:
    before, after = _shown(change.before, secrets), _shown(change.after, secrets)
    return replace(change, before=before, after=after)


def _shown(value: Any, secrets: set[str]) -> Any:
    if isinstance(value, dict):
        return {name: _shown(one, secrets) for name, one in value.items()}
    if isinstance(value, list):
        return [_shown(one, secrets) for one in value]
    if str(value) in secrets:
        return MASK
    if isinstance(value, str):
        for secret in secrets:
            if len(secret) >= _SHORTEST_PART:
                value = value.replace(secret, MASK)
    return value
