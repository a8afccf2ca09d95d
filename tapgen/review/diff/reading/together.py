"""A comparison of many environments in which equal changes appear once.

If values differ only in the environment's name or account, `{environment}` and `{account}` stand
for these.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar

from tapgen.model.changes.nameless import unnamed
from tapgen.review.diff.report import (
    Cause,
    Comparison,
    EnvironmentDiff,
    LayerDiff,
    OutputChange,
    PropertyChange,
    Refactor,
    ResourceChange,
    StackChange,
)

T = TypeVar("T")
_key: Final = json.JSONEncoder(sort_keys=True, default=repr).encode


@dataclass(frozen=True)
class Whole:
    """A stack that is added or removed, or whose template differs only in its text (`changed`)."""

    kind: str
    resources: int = 0


@dataclass(frozen=True)
class Shared(Generic[T]):
    """Something that is the same in some environments; `one` is from the first of them."""

    one: T
    environments: tuple[str, ...]


@dataclass(frozen=True)
class SharedResource:
    """A resource that changes with the same effect; the properties of `change` are empty."""

    change: ResourceChange
    environments: tuple[str, ...]
    refused: tuple[str, ...]
    properties: tuple[Shared[PropertyChange], ...]


@dataclass(frozen=True)
class SharedStack:
    """A change of stacks themselves that is the same in these layers and environments."""

    layers: tuple[str, ...]
    one: StackChange | OutputChange | Whole
    environments: tuple[str, ...]


@dataclass(frozen=True)
class Together:
    """All differences, each once: resources and properties with the worst first.

    `differing` are the environments with differences, `same` the others.
    """

    differing: tuple[str, ...]
    same: tuple[str, ...]
    resources: tuple[SharedResource, ...]
    stacks: tuple[SharedStack, ...]
    refactors: tuple[Shared[Refactor], ...]


def together(comparison: Comparison, *, every: bool = False) -> Together:
    """All differences of all compared environments.

    With `every`, the resources of stacks that are added or removed are listed too.
    """
    diffs = comparison.environments.values()
    differing = [diff for diff in diffs if diff.differs]
    return Together(
        tuple(diff.environment for diff in differing),
        tuple(diff.environment for diff in diffs if not diff.differs),
        tuple(_resources(differing, _all_of if every else listed)),
        tuple(_stacks(differing)),
        tuple(
            Shared(found[0][1], tuple(diff.environment for diff, _ in found))
            for found in _alike(
                ((diff, one) for diff in differing for one in diff.refactors),
                lambda name, one: _key(name(vars(one))),
            )
        ),
    )


def changed_alike(found: Iterable[SharedResource]) -> list[list[SharedResource]]:
    """Resources with exactly the same changes and causes, such as a tag on all of them."""
    alike: dict[str, list[SharedResource]] = {}
    for one in found:
        told = (one.change.effect, one.environments, one.refused, one.properties, one.change.notes)
        key = repr(told) if one.properties else repr(one.change)
        alike.setdefault(key, []).append(one)
    return list(alike.values())


def listed(diff: EnvironmentDiff) -> list[ResourceChange]:
    """The changes to list separately.

    Of a stack that is added or removed, only the resources that would be lost are listed.
    """
    whole = {layer.layer for layer in diff.layers if layer.kind != "changed"}
    return [one for one in diff.resources if one.layer not in whole or one.effect.loses]


def _all_of(diff: EnvironmentDiff) -> Sequence[ResourceChange]:
    return diff.resources


def _resources(
    diffs: Iterable[EnvironmentDiff],
    changes: Callable[[EnvironmentDiff], Sequence[ResourceChange]],
) -> list[SharedResource]:
    """Worst first, then refused ones, then those that cause others."""
    alike = _alike(
        ((diff, one) for diff in diffs for one in changes(diff)),
        lambda name, one: (
            one.name, one.resource_type, one.action, one.effect, one.moved_from,
            *map(name, one.notes),
            # Causes count for resources without changed properties.
            () if one.properties else _causes(one.causes),
        ),
    )  # fmt: skip
    found = [_resource(each) for each in alike]
    return sorted(
        found, key=lambda one: (one.change.effect.rank, not one.refused, _follows(one.change))
    )


def _resource(found: list[tuple[EnvironmentDiff, ResourceChange]]) -> SharedResource:
    environments = tuple(diff.environment for diff, _ in found)
    first = found[0][1]
    notes = _shown(found, attrgetter("notes"))
    properties = [
        _valued(each)
        for each in _alike(
            ((diff, one) for diff, change in found for one in change.properties),
            lambda name, one: (
                one.path, one.effect, one.reason, _causes(one.causes),
                _key(name([one.before, one.after])),
            ),
        )
    ]  # fmt: skip
    return SharedResource(
        replace(first, properties=(), notes=notes),
        environments,
        tuple(diff.environment for diff, one in found if one.refused),
        tuple(sorted(properties, key=lambda each: each.one.effect.rank)),
    )


def _stacks(diffs: Iterable[EnvironmentDiff]) -> Iterator[SharedStack]:
    """In the order of the layers; equal changes of layers in the same environments appear once."""
    found: dict[Hashable, list[tuple[str, Shared[Any]]]] = {}
    every = [
        (diff, (layer.layer, one)) for diff in diffs for layer in diff.layers for one in _of(layer)
    ]
    for each in _alike(every, lambda name, of: (of[0], _stack_key(name, of[1]))):
        layer = each[0][1][0]
        shared = _valued([(diff, one) for diff, (_, one) in each])
        key = (shared.environments, _stack_key(lambda value: value, shared.one))
        found.setdefault(key, []).append((layer, shared))
    for same in found.values():
        layers = tuple(layer for layer, _ in same)
        yield SharedStack(layers, same[0][1].one, same[0][1].environments)


def _of(layer: LayerDiff) -> Iterator[StackChange | OutputChange | Whole]:
    if layer.kind in {"added", "removed"}:
        yield Whole(layer.kind, len(layer.resources))
    yield from layer.stack
    yield from layer.outputs
    if layer.kind == "changed" and not (layer.resources or layer.stack or layer.outputs):
        yield Whole(layer.kind)


def _stack_key(name: Callable[[Any], Any], one: StackChange | OutputChange | Whole) -> Hashable:
    match one:
        case StackChange():
            values = _key(name([one.before, one.after]))
            return one.what, one.name, values, _causes(one.causes)
        case OutputChange():
            return "output", one.name, _key(name([one.before, one.after])), one.reaches
    return one.kind, one.resources


# --- equal changes ------------------------------------------------------------------------------


def _alike(
    found: Iterable[tuple[EnvironmentDiff, T]],
    key: Callable[[Callable[[Any], Any], T], Hashable],
) -> list[list[tuple[EnvironmentDiff, T]]]:
    """Groups with the same key, in order of their first members.

    Members that are equal to no other are compared again without names. `key` gets the function
    that is applied to values.
    """
    exact = _grouped(found, lambda _, one: key(lambda value: value, one))
    single = [each[0] for each in exact if len(each) == 1]
    nameless = _grouped(single, lambda diff, one: key(lambda value: _nameless(diff, value), one))
    joined = {id(one): each for each in nameless for _, one in each}
    groups = [joined[id(each[0][1])] if len(each) == 1 else each for each in exact]
    return list({id(each): each for each in groups}.values())


def _grouped(
    found: Iterable[tuple[EnvironmentDiff, T]], key: Callable[[EnvironmentDiff, T], Hashable]
) -> list[list[tuple[EnvironmentDiff, T]]]:
    groups: dict[Hashable, list[tuple[EnvironmentDiff, T]]] = {}
    for diff, one in found:
        groups.setdefault(key(diff, one), []).append((diff, one))
    return list(groups.values())


def _valued(found: list[tuple[EnvironmentDiff, Any]]) -> Shared[Any]:
    """The change that all have, with values that hold for each, and all places of its causes."""
    one = found[0][1]
    environments = tuple(diff.environment for diff, _ in found)
    if isinstance(one, Whole):
        return Shared(one, environments)
    before, after = (_shown(found, attrgetter(side)) for side in ("before", "after"))
    one = replace(one, before=before, after=after)
    if not isinstance(one, OutputChange):
        every = (cause for _, each in found for cause in each.causes)
        one = replace(one, causes=tuple(dict.fromkeys(every)))
    return Shared(one, environments)


def _shown(found: list[tuple[EnvironmentDiff, Any]], part: Callable[[Any], Any]) -> Any:
    """A part that all have; without names if it differs in these."""
    first = part(found[0][1])
    if all(_key(part(one)) == _key(first) for _, one in found):
        return first
    return _nameless(found[0][0], first)


def _nameless(diff: EnvironmentDiff, found: Any) -> Any:
    return unnamed(found, diff.environment, diff.account_id)


def _causes(causes: Iterable[Cause]) -> tuple[Hashable, ...]:
    """Causes without the place of a setting's value, which may be another in each environment."""
    return tuple(
        dict.fromkeys(
            (one.kind, one.name, None if one.kind == "setting" else one.place, one.certain)
            for one in causes
        )
    )


def _follows(one: ResourceChange) -> bool:
    """True if all causes are changes of other resources, which are shown first."""
    return bool(one.causes) and all(cause.kind == "upstream" for cause in one.causes)
