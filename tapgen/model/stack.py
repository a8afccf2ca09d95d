"""A layer in an environment: the `Stack` value, and its file for reviewers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any, Final

from tapgen.model.layer import ParameterRef, Source
from tapgen.model.limits import SECRET_LOCATOR
from tapgen.model.templates.stack_policy import stack_policy
from tapgen.model.templates.template import Template

MANAGED_BY: Final = "tapgen"
# The tags of every stack and of all taggable resources in it; a platform adds its own.
ENGINE_TAGS: Final = ("Environment", "Layer", "ManagedBy", "Project")
# Stands for the key of the function code, as the setting of a parameter.
CODE_KEY_SETTING: Final = "code.key"
# Stands for whether the stack's creation has ended, likewise: see `model.changes.settling`.
SETTLED_SETTING: Final = "stack.settled"
SETTLED: Final = "true"
# Whether loss of data is refused; its parameter protects resources against deletion.
PROTECTION_SETTING: Final = "protection"


@dataclass(frozen=True)
class Stack:
    """Everything that determines a layer's stack in an environment.

    `parameters` are the values from settings; `inputs` are the parameters that are filled during a
    deployment: by outputs of other stacks, of this environment or another, and by parameters of
    Systems Manager. `deadline_minutes` limits a deployment of the stack; None if CloudFormation's
    own limits are enough. `examples` are the platform's, see `Platform`.
    """

    environment: str
    layer: str
    name: str
    account_id: str
    region: str
    template: Template
    parameters: Mapping[str, str]
    inputs: Mapping[str, Source]
    tags: Mapping[str, str]
    protected: bool
    deadline_minutes: int | None = None
    examples: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def dependencies(self) -> frozenset[str]:
        """Layers of its own environment whose outputs this stack needs."""
        return frozenset(s.layer for s in self.inputs.values() if not s.elsewhere)

    @property
    def producers(self) -> frozenset[str]:
        """Producers of inputs: layers, "environment.layer" of others, and `PARAMETER_STORE`."""
        return frozenset(source.producer for source in self.inputs.values())

    @property
    def read_inputs(self) -> dict[str, Source]:
        """The inputs that settings read from elsewhere: other environments, Systems Manager."""
        return {name: source for name, source in self.inputs.items() if source.elsewhere}

    @property
    def read_parameters(self) -> tuple[ParameterRef, ...]:
        """The parameters of Systems Manager among the inputs, each once."""
        sources = dict.fromkeys(self.inputs.values())
        return tuple(source for source in sources if isinstance(source, ParameterRef))

    @property
    def read_secrets(self) -> tuple[tuple[str, str, str], ...]:
        """Secrets from settings: parameter, name or ARN, version ("" is the current one)."""
        found = []
        for name, value in self.parameters.items():
            if ":SecretString" in value and re.search(SECRET_LOCATOR, value):
                secret, _, rest = value.partition(":SecretString")
                found.append((name, secret, "".join(rest.split(":")[3:])))
        return tuple(found)

    @property
    def code_parameter(self) -> str | None:
        """Name of the parameter for the key of the function code, if there is one."""
        return self.template.parameter_of(CODE_KEY_SETTING)

    @property
    def prefix(self) -> str:
        """The prefix of the names of the environment's stacks and resources."""
        return self.name.removesuffix(f"-{self.layer}")

    @property
    def identity(self) -> dict[str, str]:
        """The tags that identify the stack and its taggable resources."""
        return {name: self.tags[name] for name in ENGINE_TAGS if name in self.tags}

    @property
    def settled_parameter(self) -> str | None:
        """Name of the parameter for whether the stack's creation has ended, if it has one."""
        return self.template.parameter_of(SETTLED_SETTING)

    def policy(self) -> dict[str, Any]:
        """The stack policy, see `stack_policy`."""
        return stack_policy(self.template.stateful, protected=self.protected)

    def to_json(self) -> str:
        """The stack file: everything above, with the template by name and hash."""
        # json.dumps(..., indent=2, sort_keys=True) returns the same text, but its encoder is in
        # Python if it indents: with hundreds of environments a third of the whole time.
        inputs = tuple([(name, str(source)) for name, source in self.inputs.items()])
        return f"""{{
  "Account": {_quoted(self.account_id)},
  "Environment": {_quoted(self.environment)},
  "Inputs": {_inputs_text(inputs)},
  "Layer": {_quoted(self.layer)},
  "Parameters": {_texts(self.parameters)},
  "Region": {_quoted(self.region)},
  "StackName": {_quoted(self.name)},
  "StackPolicy": {_policy_text(self.template, protected=self.protected)},
  "Tags": {_texts(self.tags)},
  "Template": {_quoted(f"{self.layer}.json")},
  "TemplateSha256": {_quoted(self.template.sha256)},
  "TerminationProtection": {"true" if self.protected else "false"}
}}
"""


def _texts(values: Mapping[str, str]) -> str:
    members = [f"    {_quoted(name)}: {_quoted(value)}" for name, value in sorted(values.items())]
    return "{\n" + ",\n".join(members) + "\n  }" if members else "{}"


@lru_cache(maxsize=64)  # a layer has the same inputs in nearly all environments
def _inputs_text(inputs: tuple[tuple[str, str], ...]) -> str:
    return _texts(dict(inputs))


@lru_cache(maxsize=64)
def _policy_text(template: Template, *, protected: bool) -> str:
    policy = stack_policy(template.stateful, protected=protected)
    text = json.dumps(policy, indent=2, sort_keys=True)
    return text.replace("\n", "\n  ")
