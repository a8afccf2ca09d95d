"""The `Layer` value and where its inputs come from."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar, Final, NamedTuple

# What tapgen notes in a template's Metadata, and in that of its resources, stands below this key.
# Where rendered files are committed, unless somebody says otherwise.
TEMPLATES_FOLDER: Final = "templates_out"
METADATA_KEY: Final = "tapgen"
# There it names the file that a template was made of, as the registry does.
TEMPLATE_KEY: Final = "Template"
# There it marks a resource that holds nothing which could be lost, with the reason.
REGENERABLE_KEY: Final = "Regenerable"


@dataclass(frozen=True, slots=True)
class OutputRef:
    """An output of another layer: `OutputRef("network", "VpcId")`.

    `optional` inputs fall back to the parameter's default where that layer is left out; which
    output it is does not depend on that. `environment` names the one that has the layer, where that
    is another than the taker's.
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
        """Whose output it is: "layer", or "environment.layer" in another environment."""
        return f"{self.environment}.{self.layer}" if self.environment else self.layer

    @property
    def elsewhere(self) -> bool:
        """Whether it is outside of the taker's environment, so that a setting has named it."""
        return bool(self.environment)

    @property
    def written(self) -> str:
        """As a setting names it."""
        return f"{{output: {self}}}"

    def __str__(self) -> str:
        return f"{self.producer}.{self.output}"


# Who gives parameters of Systems Manager, among the producers of outputs; no layer is called so.
PARAMETER_STORE: Final = "ssm:"


@dataclass(frozen=True, slots=True)
class ParameterRef:
    """A parameter of Systems Manager, in the environment's account and region: "/shared/vpc-id".

    A setting has named it. `output` may end in ":" and a version or label.
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


# What fills a parameter of a stack where no setting does so with a value of its own.
Source = OutputRef | ParameterRef


def source_of(text: str) -> Source:
    """Read a source as `str` writes it."""
    if text.startswith(PARAMETER_STORE):
        return ParameterRef(text.removeprefix(PARAMETER_STORE))
    return OutputRef.parsed(text)


def outputs_of(layer: str, *names: str, optional: bool = False) -> dict[str, OutputRef]:
    """Inputs that are called like the outputs of `layer` that fill them."""
    return {name: OutputRef(layer, name, optional) for name in names}


class Layer(NamedTuple):
    """One CloudFormation template, the same bytes in every environment.

    `inputs` maps a template parameter to another layer's output; the dependency graph follows from
    it. `region` pins the layer to a region, otherwise the environment's is used. `enabled_by` names
    the setting without which an environment leaves the layer out; with `enabled_at` it has to have
    that very value. `deadline` names the setting that says how many minutes a deployment of the
    layer may take, where it is not in `timeout_minutes`. `package` is where the builder module is
    that is called like the layer; it is imported when the template is built.

    A layer with `template` has no builder: that is a template file, YAML or JSON, by its path from
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
        """Path of the builder module or the template file, as messages and findings name it."""
        if self.template:
            return posixpath.normpath(f"{self.package.replace('.', '/')}/{self.template}")
        return f"{self.module.replace('.', '/')}.py"

    def enabled_with(self, value: object) -> bool:
        """Whether an environment whose setting `enabled_by` has this value has the layer."""
        if self.enabled_by is None:
            return True
        return value == self.enabled_at if self.enabled_at else bool(value)

    @property
    def needs(self) -> str | None:
        """What an environment needs to have the layer, in words; None where all have it."""
        return f"{self.enabled_by}: {self.enabled_at}" if self.enabled_at else self.enabled_by


def in_package(package: str, *layers: Layer) -> tuple[Layer, ...]:
    """The layers with their builder modules and template files in `package`."""
    return tuple(layer._replace(package=package) for layer in layers)
