"""Comparing all stacks of an environment, in dependency order: changes affect later layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from tapgen.model.graph import order
from tapgen.model.layer import OutputRef, Source
from tapgen.model.templates.intrinsics import Resolved, Unknown
from tapgen.review.diff.causes import Context, Upstream, Why
from tapgen.review.diff.effect import Effect
from tapgen.review.diff.masking import masked
from tapgen.review.diff.matching import Place, Resource, moves, refactors
from tapgen.review.diff.report import (
    Cause,
    EnvironmentDiff,
    LayerDiff,
    OutputChange,
    ResourceChange,
    StackChange,
)
from tapgen.review.diff.resources import modified
from tapgen.review.diff.side import Side
from tapgen.review.diff.snapshot import Snapshot
from tapgen.review.diff.stacks import changed, elsewhere, value_of, whole
from tapgen.review.parity.staleness import StaleInput

Stacks = Mapping[str, Snapshot]

_REFACTOR_FIRST: Final = (
    "carry out the stack refactor before deploying: a deployment alone would remove it from one "
    "stack and create it in the other"
)


def compare(environment: str, before: Stacks, after: Stacks, context: Context) -> EnvironmentDiff:
    """Compare two sets of stacks by layer."""
    diff = masked(
        _Walk(before, after, context).diff(environment),
        [one.stack for side in (before, after) for one in side.values()],
    )
    return _unpredicted(diff, context.other) if context.other else diff


def _unpredicted(diff: EnvironmentDiff, other: str) -> EnvironmentDiff:
    only = {"add": (f"only in {diff.environment}",), "remove": (f"only in {other}",)}
    layers = tuple(
        replace(
            layer,
            resources=tuple(
                replace(
                    change,
                    effect=Effect.DIFFERS,
                    refused=False,
                    notes=only.get(change.action, ()),
                    properties=tuple(
                        replace(one, effect=Effect.DIFFERS, reason="") for one in change.properties
                    ),
                )
                for change in layer.resources
            ),
        )
        for layer in diff.layers
    )
    return replace(diff, layers=layers)


@dataclass
class _Walk:
    """The state of one comparison: resolved stacks, and outputs that get another value."""

    before: Stacks
    after: Stacks
    context: Context
    resolved: dict[tuple[str, str], Resolved] = field(default_factory=dict)
    outputs: dict[str, OutputChange] = field(default_factory=dict)

    def diff(self, environment: str) -> EnvironmentDiff:
        layers = [self._layer(layer) for layer in self._order()]
        found = moves(self._only(layers, "remove"), self._only(layers, "add"))
        layers = [self._with_moves(layer, found) for layer in layers]
        stacks = self.after or self.before
        return EnvironmentDiff(
            environment,
            any(one.stack.protected for one in stacks.values()),
            tuple(layers),
            refactors(found, self.before, self.after, self.context.folder),
            next((one.stack.account_id for one in stacks.values()), ""),
        )

    def _order(self) -> tuple[str, ...]:
        """Layers of both sides; nothing depends on those that are removed."""
        graph = {
            layer: one.stack.dependencies & self.after.keys() for layer, one in self.after.items()
        }
        gone = {layer: frozenset[str]() for layer in self.before if layer not in self.after}
        return order({**graph, **gone})

    def _layer(self, layer: str) -> LayerDiff:
        before, after = self.before.get(layer), self.after.get(layer)
        if before is None or after is None:
            return self._whole(layer, before, after)
        if before.place != after.place:
            return self._elsewhere(layer, before, after)
        touched = self.outputs.keys() & {str(source) for source in after.stack.inputs.values()}
        stale = self.context.stale.get(layer, ())
        if before == after and not touched and not stale:
            return LayerDiff(layer, "same")
        upstream = {one.parameter: Upstream(str(one.source)) for one in stale}
        upstream |= {
            name: Upstream(source, self.outputs[source].certain)
            for name, source in _named(after.stack.inputs)
            if source in touched
        }
        sides = self._side("before", before), self._side("after", after)
        compared = changed(*sides, upstream, self.context)
        self.resolved["before", layer] = compared.before
        self.resolved["after", layer] = compared.after
        outputs = self._pass_on(layer, compared.diff.outputs)
        diff = replace(compared.diff, outputs=outputs)
        if not stale:
            return diff
        return replace(diff, kind="changed", stack=(*diff.stack, *map(_stale_input, stale)))

    def _whole(self, layer: str, before: Snapshot | None, after: Snapshot | None) -> LayerDiff:
        if after is not None:
            diff, self.resolved["after", layer] = whole("added", self._side("after", after))
        else:
            assert before is not None  # noqa: S101 - the layer is from one of the sides
            side = self._side("before", before)
            diff, self.resolved["before", layer] = whole("removed", side)
        return diff

    def _elsewhere(self, layer: str, before: Snapshot, after: Snapshot) -> LayerDiff:
        """All resources are new there, so an output has another value unless it is known text."""
        diff = elsewhere(self._whole(layer, None, after), before, after)
        new = self._side("after", after).resolved(after.stack.template.resources.keys())
        resolved = self.resolved["after", layer]
        known = {n: one for n, one in resolved.outputs.items() if isinstance(one.get("Value"), str)}
        self.resolved["after", layer] = replace(resolved, outputs={**new.outputs, **known})
        self._pass_on(layer, tuple(OutputChange(n, "", "") for n in after.stack.template.outputs))
        return diff

    def _pass_on(self, layer: str, outputs: tuple[OutputChange, ...]) -> tuple[OutputChange, ...]:
        """Note which outputs differ, and add to each the parameters that it fills."""
        reaching = []
        for output in outputs:
            source = f"{layer}.{output.name}"
            takers = {
                f"{one.stack.layer}.{parameter}": None
                for stacks in (self.after, self.before)
                for one in stacks.values()
                for parameter, taken in _named(one.stack.inputs)
                if taken == source
            }
            reaching.append(replace(output, reaches=tuple(takers)))
            self.outputs[source] = output
        return tuple(reaching)

    def _side(self, which: str, stack: Snapshot) -> Side:
        """The stack with the values of its inputs on that side."""
        inputs = {name: self._value(which, source) for name, source in stack.stack.inputs.items()}
        for one in self.context.stale.get(stack.stack.layer, ()):
            if which == "before":
                inputs[one.parameter] = one.held
            elif str(one.source) not in self.outputs:  # otherwise it changes once more
                inputs[one.parameter] = one.current
        return Side(stack, inputs)

    def _value(self, which: str, source: Source) -> str | Unknown:
        layer = source.layer
        stacks = self.before if which == "before" else self.after
        if not isinstance(source, OutputRef) or source.elsewhere or layer not in stacks:
            return Unknown(str(source))
        if (which, layer) not in self.resolved:
            self.resolved[which, layer] = self._side(which, stacks[layer]).resolved()
        return value_of(self.resolved[which, layer], source)

    # --- moves --------------------------------------------------------------------------------

    def _only(self, layers: list[LayerDiff], action: str) -> dict[Place, Resource]:
        which = "before" if action == "remove" else "after"
        return {
            (change.layer, change.logical_id): self.resolved[which, change.layer].resources[
                change.logical_id
            ]
            for layer in layers
            for change in layer.resources
            if change.action == action
        }

    def _with_moves(self, layer: LayerDiff, found: Mapping[Place, Place]) -> LayerDiff:
        gone = set(found.values())
        resources = []
        for change in layer.resources:
            place = (change.layer, change.logical_id)
            if change.action == "add" and place in found:
                resources.append(self._moved(change, found[place]))
            elif change.action != "remove" or place not in gone:
                resources.append(change)
        return replace(layer, resources=tuple(resources))

    def _moved(self, change: ResourceChange, origin: Place) -> ResourceChange:
        """The addition as a move, with the other differences of the resource."""
        layer, logical_id = origin
        sides = (
            self._side("before", self.before[layer]),
            self._side("after", self.after[change.layer]),
        )
        difference = modified(
            change.layer,
            (logical_id, change.logical_id),
            self.resolved["before", layer].resources[logical_id],
            self.resolved["after", change.layer].resources[change.logical_id],
            Why(*sides, self.context),
        )
        same = replace(change, action="move", effect=Effect.MOVE)
        moved = replace(difference, action="move") if difference else same
        return replace(
            moved,
            effect=min(moved.effect, Effect.MOVE, key=lambda effect: effect.rank),
            moved_from=f"{layer}.{logical_id}",
            causes=change.causes,
            notes=(*moved.notes, _REFACTOR_FIRST),
        )


def _stale_input(found: StaleInput) -> StackChange:
    cause = Cause("upstream", str(found.source))
    return StackChange("stale input", found.parameter, found.held, found.current, (cause,))


def _named(inputs: Mapping[str, Source]) -> Iterator[tuple[str, str]]:
    """Yield the parameter and the source of each input as text."""
    yield from ((name, str(source)) for name, source in inputs.items())
