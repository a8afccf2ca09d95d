"""Putting the layers of a platform into an environment: each becomes a `Stack`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tapgen.model.layer import Layer, OutputRef
from tapgen.model.stack import CODE_KEY_SETTING, MANAGED_BY, Stack
from tapgen.model.templates.template import Template
from tapgen.render.function_package import Code
from tapgen.settings.base import OutputReference
from tapgen.settings.environment import Environment, as_parameter
from tapgen.settings.parsing.values import Value


def enabled_layers(environment: Environment, layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """The layers that the environment has: all, less those whose enabling setting is not set."""
    return tuple(layer for layer in layers if _enabled(layer, environment))


def _enabled(layer: Layer, environment: Environment) -> bool:
    if layer.enabled_by is None:
        return True
    value = environment.value(layer.enabled_by)
    return value == layer.enabled_at if layer.enabled_at else bool(value)


def stacks_of(
    environment: Environment,
    layers: Sequence[Layer],
    templates: Mapping[str, Template],
    code: Code,
) -> tuple[Stack, ...]:
    """Put every enabled layer into the environment, in the order of `layers`."""
    enabled = enabled_layers(environment, layers)
    names = {layer.name for layer in enabled}
    values = _Values(environment, code)
    return tuple(
        _stack(environment, layer, templates[layer.name], values, names) for layer in enabled
    )


class _Values(dict[str, str | OutputRef]):
    """What fills parameters, by setting: each is looked up once, though many layers take it."""

    def __init__(self, environment: Environment, code: Code) -> None:
        super().__init__({CODE_KEY_SETTING: code.key})
        self.leaves = environment.leaves
        self._environment = environment

    def __missing__(self, setting: str) -> str | OutputRef:
        known = setting in self.leaves
        leaf = self.leaves[setting] if known else self._environment.value(setting)
        value = leaf.source if isinstance(leaf, OutputReference) else as_parameter(leaf)
        self[setting] = value
        return value


def _stack(
    environment: Environment,
    layer: Layer,
    template: Template,
    values: _Values,
    names: Iterable[str],
) -> Stack:
    filled = {name: values[setting] for name, setting in template.settings.items()}
    foreign = {name: value for name, value in filled.items() if isinstance(value, OutputRef)}
    return Stack(
        environment=environment.name,
        layer=layer.name,
        name=f"{environment.prefix}-{layer.name}",
        account_id=environment.account_id,
        region=layer.region or environment.region,
        template=template,
        parameters={name: value for name, value in filled.items() if isinstance(value, str)},
        inputs=foreign
        | {
            name: source
            for name, source in layer.inputs.items()
            if source.layer in names or not source.optional
        },
        tags={
            "CostCenter": environment.parameter("cost_center"),
            "Environment": environment.name,
            "Layer": layer.name,
            "ManagedBy": MANAGED_BY,
            "Project": environment.parameter("project"),
        },
        protected=environment.protection,
        deadline_minutes=_deadline(values.leaves, layer),
    )


def _deadline(settings: Mapping[str, Value], layer: Layer) -> int:
    own = settings.get(layer.deadline or f"timeout_minutes.{layer.name}")
    return int(str(own or settings["timeout_minutes.default"]))
