"""Differences as JSON: everything, with whole values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tapgen.cli import machine
from tapgen.cli.views.diff.words import refactor_command
from tapgen.model.changes.differences import ABSENT
from tapgen.review.diff.report import (
    Cause,
    Comparison,
    EnvironmentDiff,
    LayerDiff,
    OutputChange,
    PropertyChange,
    ResourceChange,
    StackChange,
)

if TYPE_CHECKING:
    from tapgen.review.cost.change import CostChange


def json_text(comparison: Comparison, _verbosity: int) -> str:
    """One document: the environments, their stacks, what differs in each."""
    return machine.text_of(comparison_record(comparison))


def comparison_record(comparison: Comparison) -> dict[str, Any]:
    """The comparison as values; `str` converts what JSON cannot represent."""
    environments = {
        name: {**_environment(diff), "cost": _cost(comparison.costs.get(name))}
        for name, diff in comparison.environments.items()
    }
    return {
        "against": comparison.against,
        "differs": comparison.differs,
        "environments": environments,
    }


def _environment(diff: EnvironmentDiff) -> dict[str, Any]:
    return {
        "protected": diff.protected,
        "stacks": [_layer(layer) for layer in diff.layers],
        "refactors": [
            {
                "source": refactor.source,
                "target": refactor.target,
                "region": refactor.region,
                "mappings": [{"source": old, "target": new} for old, new in refactor.mappings],
                "command": refactor_command(refactor),
            }
            for refactor in diff.refactors
        ],
    }


def _cost(change: CostChange | None) -> dict[str, Any] | None:
    if change is None:
        return None
    from tapgen.cli.views.cost import span_record

    return {
        "before": span_record(change.before.total()),
        "now": span_record(change.after.total()),
        "change": span_record(change.total),
        "complete": change.after.is_complete(),
        "layers": {name: span_record(one) for name, one in change.layers.items()},
        "resources": {name: span_record(one) for name, one in change.resources.items()},
    }


def _layer(layer: LayerDiff) -> dict[str, Any]:
    return {
        "layer": layer.layer,
        "kind": layer.kind,
        "effect": layer.effect.value if layer.effect else None,
        "refused": layer.refused,
        "template_differs": layer.template_differs,
        "resources": [_resource(change) for change in layer.resources],
        "outputs": [_output(change) for change in layer.outputs],
        "stack": [_stack(change) for change in layer.stack],
    }


def _resource(change: ResourceChange) -> dict[str, Any]:
    moved = {"moved_from": change.moved_from} if change.moved_from else {}
    return {
        "logical_id": change.logical_id,
        "type": change.resource_type,
        "action": change.action,
        "effect": change.effect.value,
        "refused": change.refused,
        "notes": list(change.notes),
        "causes": _causes(change.causes),
        "properties": [_property(one) for one in change.properties],
        **moved,
    }


def _property(change: PropertyChange) -> dict[str, Any]:
    return {
        "path": change.path,
        "effect": change.effect.value,
        "reason": change.reason,
        "causes": _causes(change.causes),
        **_values(change),
    }


def _output(change: OutputChange) -> dict[str, Any]:
    return {
        "name": change.name,
        "reaches": list(change.reaches),
        "certain": change.certain,
        **_values(change),
    }


def _stack(change: StackChange) -> dict[str, Any]:
    return {
        "what": change.what,
        "name": change.name,
        "causes": _causes(change.causes),
        **_values(change),
    }


def _values(change: PropertyChange | OutputChange | StackChange) -> Mapping[str, Any]:
    """Before and after; a missing side is left out."""
    pair = {"before": change.before, "after": change.after}
    return {name: value for name, value in pair.items() if value is not ABSENT}


def _causes(causes: Iterable[Cause]) -> list[dict[str, Any]]:
    return [
        {
            "kind": cause.kind,
            "name": cause.name,
            "place": str(cause.place) if cause.place else "",
            "certain": cause.certain,
        }
        for cause in causes
    ]
