"""A layer in an environment: the `Stack` value, and the file that people review."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any

from tapgen.environment.environment import Environment
from tapgen.layers.layer import From, Layer
from tapgen.stacks.code import Code
from tapgen.stacks.stack_policy import stack_policy
from tapgen.stacks.template import Template

MANAGED_BY = "tapgen"
_CODE_KEY_SETTING = "code.key"


@dataclass(frozen=True)
class Stack:
    """Everything that decides what CloudFormation makes of a layer in an environment.

    `parameters` are the values that settings fill; `inputs` are the parameters that outputs of
    other stacks fill during a deployment, of this environment or of another. `deadline_minutes`
    bounds a deployment of the stack; None where CloudFormation's own limits are enough.
    """

    environment: str
    layer: str
    name: str
    account_id: str
    region: str
    template: Template
    parameters: Mapping[str, str]
    inputs: Mapping[str, From]
    tags: Mapping[str, str]
    protected: bool
    deadline_minutes: int | None = None

    @property
    def dependencies(self) -> frozenset[str]:
        """Layers of its own environment whose outputs this stack takes."""
        return frozenset(s.layer for s in self.inputs.values() if not s.environment)

    @property
    def producers(self) -> frozenset[str]:
        """Whose outputs this stack takes: layers, and "environment.layer" of other environments."""
        return frozenset(source.producer for source in self.inputs.values())

    @property
    def foreign_inputs(self) -> dict[str, From]:
        """The inputs that outputs of other environments fill."""
        return {name: source for name, source in self.inputs.items() if source.environment}

    @property
    def code_parameter(self) -> str | None:
        """Name of the parameter that takes the key of the function code, if there is one."""
        return self.template.parameter_of(_CODE_KEY_SETTING)

    def policy(self) -> dict[str, Any]:
        """The stack policy, see `stack_policy`."""
        return stack_policy(self.template.stateful, protected=self.protected)

    def to_json(self) -> str:
        """The stack file: everything above, with the template by name and hash."""
        return (
            _object(
                {
                    "StackName": _quoted(self.name),
                    "Environment": _quoted(self.environment),
                    "Layer": _quoted(self.layer),
                    "Account": _quoted(self.account_id),
                    "Region": _quoted(self.region),
                    "Template": _quoted(f"{self.layer}.json"),
                    "TemplateSha256": _quoted(self.template.sha256),
                    "Parameters": _texts(self.parameters),
                    "Inputs": _texts({name: str(source) for name, source in self.inputs.items()}),
                    "Tags": _texts(self.tags),
                    "StackPolicy": _policy_text(self.template, protected=self.protected),
                    "TerminationProtection": json.dumps(self.protected),
                }
            )
            + "\n"
        )


# json.dumps(..., indent=2, sort_keys=True) gives the same text, but its encoder is written in
# Python when it indents: with hundreds of environments that was a third of the whole time.


def _texts(values: Mapping[str, str]) -> str:
    return _object({name: _quoted(value) for name, value in values.items()}, indent=2)


@lru_cache(maxsize=64)
def _policy_text(template: Template, *, protected: bool) -> str:
    policy = stack_policy(template.stateful, protected=protected)
    text = json.dumps(policy, indent=2, sort_keys=True)
    return text.replace("\n", "\n  ")


def _object(members: Mapping[str, str], indent: int = 0) -> str:
    """A JSON object of members that are JSON text already."""
    if not members:
        return "{}"
    blank = " " * indent
    lines = [f"{blank}  {_quoted(name)}: {members[name]}" for name in sorted(members)]
    return "{\n" + ",\n".join(lines) + f"\n{blank}}}"


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
    return tuple(
        _stack(environment, layer, templates[layer.name], code, names) for layer in enabled
    )


def _stack(
    environment: Environment, layer: Layer, template: Template, code: Code, names: Iterable[str]
) -> Stack:
    def value(setting: str) -> str:
        return code.key if setting == _CODE_KEY_SETTING else environment.parameter(setting)

    foreign = {
        name: reference.source
        for name, setting in template.settings.items()
        if (reference := environment.reference(setting))
    }
    return Stack(
        environment=environment.name,
        layer=layer.name,
        name=f"{environment.prefix}-{layer.name}",
        account_id=environment.account_id,
        region=layer.region or environment.region,
        template=template,
        parameters={
            name: value(setting)
            for name, setting in template.settings.items()
            if name not in foreign
        },
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
        deadline_minutes=_deadline(environment, layer),
    )


def _deadline(environment: Environment, layer: Layer) -> int:
    settings = environment.leaves
    own = settings.get(layer.deadline or f"timeout_minutes.{layer.name}")
    return int(str(own or settings["timeout_minutes.default"]))
