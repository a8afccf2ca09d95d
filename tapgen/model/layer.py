"""The `Layer` value and where its inputs come from."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar, Final, NamedTuple

# The default folder of rendered files.
TEMPLATES_FOLDER: Final = "templates_out"
# The key of tapgen's notes in the Metadata of a template and of its resources.
METADATA_KEY: Final = "tapgen"
# Below it: the template file of a layer, as in the registry.
TEMPLATE_KEY: Final = "Template"
# Below it: marks a resource whose loss does no harm, with the reason.
REGENERABLE_KEY: Final = "Regenerable"


@dataclass(frozen=True, slots=True)
class OutputRef:
    """An output of another layer: `OutputRef("network", "VpcId")`.

    `optional` inputs use the parameter's default if that layer is left out. `environment` names the
    layer's environment if it is not the one that reads the output.
    """

    layer: str
    output: str
    optional: bool = field(default=False, compare=False)
    environment: str = ""

    @classmethod
    def parsed(cls, text: str) -> OutputRef:
        """Read "layer.Output" or "environment.layer.Output"; no part has a dot in it."""
        *environment, layer, output = text.split(".")
        return cls(layer, output, environment="".join(environment))

    @property
    def producer(self) -> str:
        """The owner of the output: "layer", or "environment.layer" in another environment."""
        return f"{self.environment}.{self.layer}" if self.environment else self.layer

    @property
    def elsewhere(self) -> bool:
        """True if it is in another environment, so that a setting named it."""
        return bool(self.environment)

    @property
    def written(self) -> str:
        """As a setting names it."""
        return f"{{output: {self}}}"

    def __str__(self) -> str:
        return f"{self.producer}.{self.output}"


# The producer of Systems Manager's parameters; no layer can have this name.
PARAMETER_STORE: Final = "ssm:"


@dataclass(frozen=True, slots=True)
class ParameterRef:
    """A parameter of Systems Manager, in the environment's account and region: "/shared/vpc-id".

    It comes from a setting. `output` may end in ":" and a version or label.
    """

    output: str
    layer: ClassVar[str] = ""
    environment: ClassVar[str] = ""
    optional: ClassVar[bool] = False
    elsewhere: ClassVar[bool] = True
    producer: ClassVar[str] = PARAMETER_STORE

    @property
    def name(self) -> str:
        """Its name without a version or label."""
        return self.output.partition(":")[0]

    @property
    def written(self) -> str:
        """As a setting names it."""
        return f"{{ssm: {self.output}}}"

    def __str__(self) -> str:
        return f"{PARAMETER_STORE}{self.output}"


# The source of a stack parameter that has no value from a setting.
Source = OutputRef | ParameterRef


def source_of(text: str) -> Source:
    """Read a source as `str` writes it."""
    if text.startswith(PARAMETER_STORE):
        return ParameterRef(text.removeprefix(PARAMETER_STORE))
    return OutputRef.parsed(text)


def outputs_of(layer: str, *names: str, optional: bool = False) -> dict[str, OutputRef]:
    """Inputs with the same names as the outputs of `layer` that fill them."""
    return {name: OutputRef(layer, name, optional) for name in names}


class Layer(NamedTuple):
    """One CloudFormation template, the same bytes in every environment.

    `inputs` maps a template parameter to another layer's output; the dependency graph follows from
    it. `region` pins the layer to a region; by default it is the environment's. `enabled_by` names
    the setting without which an environment leaves the layer out; with `enabled_at` the setting
    must have that value. `deadline` names the setting with the maximum minutes of a deployment of
    the layer, if it is not in `timeout_minutes`. `package` contains the builder module, which has
    the layer's name and is imported when the template is built.

    A layer with `template` has no builder, but a template file, YAML or JSON: its path relative to
    the folder of `package`. `settings` then maps its parameters to the settings that fill them.
    """

    name: str
    summary: str
    inputs: Mapping[str, OutputRef] = MappingProxyType({})
    region: str | None = None
    enabled_by: str | None = None
    enabled_at: str | None = None
    deadline: str | None = None
    package: str = ""
    template: str = ""
    settings: Mapping[str, str] = MappingProxyType({})

    @property
    def module(self) -> str:
        """Full name of the builder module."""
        return f"{self.package}.{self.name}"

    @property
    def source(self) -> str:
        """Path of the builder module or the template file, for messages and findings."""
        if self.template:
            return posixpath.normpath(f"{self.package.replace('.', '/')}/{self.template}")
        return f"{self.module.replace('.', '/')}.py"

    def enabled_with(self, value: object) -> bool:
        """True if an environment with this value of the setting `enabled_by` has the layer."""
        if self.enabled_by is None:
            return True
        return value == self.enabled_at if self.enabled_at else bool(value)

    @property
    def needs(self) -> str | None:
        """The setting that an environment needs for the layer, in words; None if all have it."""
        return f"{self.enabled_by}: {self.enabled_at}" if self.enabled_at else self.enabled_by


def in_package(package: str, *layers: Layer) -> tuple[Layer, ...]:
    """The layers with their builder modules and template files in `package`."""
    return tuple(layer._replace(package=package) for layer in layers)
