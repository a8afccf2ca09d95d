"""The content of every project: the layers, and the stacks that tapgen has rendered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.source import as_rendered
from tapgen.payments.layers.registry import LAYERS


@dataclass(frozen=True)
class Stack:
    """A stack as described in its file in `templates_out/<environment>/`.

    `inputs` are the parameters that are outputs of other stacks: (layer, output) by parameter.
    """

    name: str
    environment: str
    layer: str
    account: str
    region: str
    parameters: Mapping[str, str]
    inputs: Mapping[str, tuple[str, str]]
    tags: Mapping[str, str]
    protected: bool


@dataclass(frozen=True)
class Platform:
    """Templates by layer, as objects of troposphere and as text, and every stack.

    Layers and stacks come after those whose outputs they use, environments in order of their names.
    """

    templates: Mapping[str, Any]
    texts: Mapping[str, str]
    stacks: tuple[Stack, ...]

    @property
    def environments(self) -> Mapping[str, tuple[Stack, ...]]:
        """Stacks by environment."""
        names = dict.fromkeys(stack.environment for stack in self.stacks)
        return {
            name: tuple(stack for stack in self.stacks if stack.environment == name)
            for name in names
        }


def read(rendered: Path) -> Platform:
    """The layers of tapgen, and the stacks in a folder that `tapgen render` wrote."""
    order = [layer.name for layer in LAYERS]
    files = sorted(rendered.glob("*/*.json"), key=lambda path: order.index(path.stem))
    stacks = sorted(map(_stack, files), key=lambda stack: stack.environment)
    texts = {name: (rendered / f"{name}.json").read_text() for name in order}
    templates = {layer.name: as_rendered(layer, texts[layer.name]) for layer in LAYERS}
    return Platform(templates, texts, tuple(stacks))


def _stack(path: Path) -> Stack:
    found = json.loads(path.read_text())
    inputs = {}
    for parameter, source in found["Inputs"].items():
        layer, output = source.split(".")
        inputs[parameter] = (layer, output)
    return Stack(
        name=found["StackName"],
        environment=found["Environment"],
        layer=found["Layer"],
        account=found["Account"],
        region=found["Region"],
        parameters=found["Parameters"],
        inputs=inputs,
        tags=found["Tags"],
        protected=found["TerminationProtection"],
    )
