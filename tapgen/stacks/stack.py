"""A layer in an environment: the `Stack` value, and the file that people review."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tapgen.environment.environment import Environment
from tapgen.layers.layer import From, Layer
from tapgen.stacks.code import Code
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
        for parameter, setting in self.template.settings.items():
            if setting == _CODE_KEY_SETTING:
                return parameter
        return None

    def policy(self) -> dict[str, Any]:
        """The stack policy: everything may be updated, but protected data never replaced."""
        statements: list[dict[str, Any]] = [
            {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}
        ]
        if self.protected and self.template.stateful:
            statements.append(
                {
                    "Effect": "Deny",
                    "Action": ["Update:Replace", "Update:Delete"],
                    "Principal": "*",
                    "Resource": [
                        f"LogicalResourceId/{name}" for name in sorted(self.template.stateful)
                    ],
                }
            )
        return {"Statement": statements}

    def to_json(self) -> str:
        """The stack file: everything above, with the template by name and hash."""
        document = {
            "StackName": self.name,
            "Environment": self.environment,
            "Layer": self.layer,
            "Account": self.account_id,
            "Region": self.region,
            "Template": f"{self.layer}.json",
            "TemplateSha256": self.template.sha256,
            "Parameters": dict(self.parameters),
            "Inputs": {name: str(source) for name, source in self.inputs.items()},
            "Tags": dict(self.tags),
            "StackPolicy": self.policy(),
            "TerminationProtection": self.protected,
        }
        return json.dumps(document, indent=2, sort_keys=True) + "\n"


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
    settings = environment.leaves()
    own = settings.get(layer.deadline or f"timeout_minutes.{layer.name}")
    return int(str(own or settings["timeout_minutes.default"]))
