"""The `Layer` value and where its inputs come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from tapgen.render.leaving_out import left_out

if TYPE_CHECKING:
    from tapgen.render.blueprint import Blueprint

# What tapgen notes in a template's Metadata, and in that of its resources, stands below this key.
METADATA_KEY: Final = "tapgen"
# There it marks a resource that holds nothing which could be lost, with the reason.
REGENERABLE_KEY: Final = "Regenerable"


@dataclass(frozen=True, slots=True)
class From:
    """An output of another layer: `From("network", "VpcId")`.

    `optional` inputs fall back to the parameter's default where that layer is left out; which
    output it is does not depend on that. `environment` names the one that has the layer, where that
    is another than the taker's.
    """

    layer: str
    output: str
    optional: bool = field(default=False, compare=False)
    environment: str = ""

    @classmethod
    def parsed(cls, text: str) -> From:
        """Read "layer.Output" or "environment.layer.Output"; no part has a dot in it."""
        *environment, layer, output = text.split(".")
        return cls(layer, output, environment="".join(environment))

    @property
    def producer(self) -> str:
        """Whose output it is: "layer", or "environment.layer" in another environment."""
        return f"{self.environment}.{self.layer}" if self.environment else self.layer

    def __str__(self) -> str:
        return f"{self.producer}.{self.output}"


def outputs_of(layer: str, *names: str, optional: bool = False) -> dict[str, From]:
    """Inputs that are called like the outputs of `layer` that fill them."""
    return {name: From(layer, name, optional) for name in names}


class Layer(NamedTuple):
    """One CloudFormation template, the same bytes in every environment.

    `inputs` maps a template parameter to another layer's output; the dependency graph follows from
    it. `region` pins the layer to a region, otherwise the environment's is used. `enabled_by` names
    the setting without which an environment leaves the layer out; with `enabled_at` it has to have
    that very value. `deadline` names the setting that says how many minutes a deployment of the
    layer may take, where it is not in `timeout_minutes`.
    """

    name: str
    summary: str
    inputs: Mapping[str, From] = MappingProxyType({})
    region: str | None = None
    enabled_by: str | None = None
    enabled_at: str | None = None
    deadline: str | None = None

    @property
    def needs(self) -> str | None:
        """What an environment needs to have the layer, in words; None where all have it."""
        return f"{self.enabled_by}: {self.enabled_at}" if self.enabled_at else self.enabled_by

    def build(self) -> Blueprint:
        """Run the layer's builder module, importing troposphere only now."""
        with left_out("cfn_flip"):  # for YAML, which nobody asks troposphere for: 4 % of a render
            module = import_module(f"tapgen.layers.{self.name}")
        return cast("Blueprint", module.build())
