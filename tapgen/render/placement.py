"""Placing the layers of a platform in an environment: each becomes a `Stack`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from tapgen.errors import TapgenError
from tapgen.model.layer import Layer, OutputRef, Source
from tapgen.model.platform import Platform
from tapgen.model.stack import CODE_KEY_SETTING, MANAGED_BY, SETTLED, SETTLED_SETTING, Stack
from tapgen.model.templates.template import Template
from tapgen.render.code.function_package import Code
from tapgen.settings.base import Elsewhere, SecretReference
from tapgen.settings.environment import Environment, as_parameter
from tapgen.settings.parsing.values import Value


def enabled_layers(platform: Platform, environment: Environment) -> tuple[Layer, ...]:
    """The layers that the environment has: all except those whose enabling setting is not set."""
    return tuple(
        layer
        for layer in platform.layers
        if layer.enabled_with(environment.value(layer.enabled_by) if layer.enabled_by else None)
    )


def stacks_of(
    platform: Platform,
    environment: Environment,
    templates: Mapping[str, Template],
    code: Code,
) -> tuple[Stack, ...]:
    """Place every enabled layer in the environment, in the platform's order.

    Raises `TapgenError` with all parameters whose setting does not exist.
    """
    enabled = enabled_layers(platform, environment)
    names = {layer.name for layer in enabled}
    values = _Values(environment, code)
    tags = _tags(platform, environment)
    _refuse_unknown([templates[layer.name] for layer in enabled], values)
    stacks = []
    for layer in enabled:
        template = templates[layer.name]
        filled = {name: values[setting] for name, setting in template.settings.items()}
        stack = Stack(
            environment=environment.name,
            layer=layer.name,
            name=f"{environment.prefix}-{layer.name}",
            account_id=environment.account_id,
            region=layer.region or environment.region,
            template=template,
            parameters={name: value for name, value in filled.items() if isinstance(value, str)},
            inputs={
                **{name: value for name, value in filled.items() if not isinstance(value, str)},
                **_inputs(layer, names),
            },
            tags={**tags, "Layer": layer.name},
            protected=environment.protection,
            deadline_minutes=_deadline(values.leaves, layer),
            examples=platform.examples,
        )
        stacks.append(stack)
    return tuple(stacks)


def _refuse_unknown(templates: Iterable[Template], values: _Values) -> None:
    faults = []
    for template in templates:
        for name, setting in template.settings.items():
            try:
                _ = values[setting]
            except TapgenError as error:
                faults.append(f"layer {template.layer}: {name}: {error.message}; {error.hint}")
    if faults:
        raise TapgenError(
            "\n".join(faults),
            "Correct the names of the settings: for a template file in the registry of layers, "
            "otherwise in the builder.",
        )


def _tags(platform: Platform, environment: Environment) -> dict[str, str]:
    """The tags of all stacks: `ENGINE_TAGS` except the layer, and the platform's."""
    return {
        **{tag: _tag(environment, tag, setting) for tag, setting in platform.tags.items()},
        "Environment": environment.name,
        "ManagedBy": MANAGED_BY,
        "Project": environment.parameter("project"),
    }


def _tag(environment: Environment, tag: str, setting: str) -> str:
    value = environment.value(setting)
    if isinstance(value, Elsewhere | SecretReference):
        raise TapgenError(
            f"the tag {tag} is filled from {setting}, whose value is read from elsewhere",
            "Write the value itself: tags identify a stack's owner before other values are read.",
        )
    return as_parameter(value)


def _inputs(layer: Layer, names: AbstractSet[str]) -> dict[str, OutputRef]:
    """The layer's inputs; an optional one only if the environment has the other layer."""
    return {
        name: source
        for name, source in layer.inputs.items()
        if source.layer in names or not source.optional
    }


class _Values(dict[str, str | Source]):
    """The values of parameters by setting: each is looked up once, for all layers."""

    def __init__(self, environment: Environment, code: Code) -> None:
        super().__init__({CODE_KEY_SETTING: code.key, SETTLED_SETTING: SETTLED})
        self.leaves = environment.leaves
        self._environment = environment

    def __missing__(self, setting: str) -> str | Source:
        known = setting in self.leaves
        leaf = self.leaves[setting] if known else self._environment.value(setting)
        value: str | Source
        match leaf:
            case Elsewhere():
                value = leaf.source
            case SecretReference():
                value = leaf.locator
            case _:
                value = as_parameter(leaf)
        self[setting] = value
        return value


def _deadline(settings: Mapping[str, Value], layer: Layer) -> int:
    own = settings.get(layer.deadline or f"timeout_minutes.{layer.name}")
    return int(str(own or settings["timeout_minutes.default"]))
