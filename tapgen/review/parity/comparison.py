"""Parity: what the environments have in common, and every parameter in which they differ.

Pure: what was found on disk or in AWS is passed in. Nothing counts as identical without being seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Final

from tapgen.model.changes.secrets import MASK, masked_parameters
from tapgen.model.changes.settling import is_unsettled
from tapgen.model.layer import Source
from tapgen.model.platform import Platform
from tapgen.model.stack import Stack
from tapgen.model.templates.json_text import pretty
from tapgen.model.templates.template import Template
from tapgen.settings.fields import may_vary

# Names of deviations that are not parameters, which begin with a capital letter.
TEMPLATE: Final = "template"
CREATION: Final = "creation"
DRIFTED: Final = "DRIFTED"
NOT_CHECKED: Final = "NOT_CHECKED"


@dataclass(frozen=True)
class Observed:
    """A layer as it was found in one environment.

    `template` is the hash of its text (see `template_sha256`), empty if there is no stack or an
    operation is in progress. `status` is its StackStatus, empty if AWS was not asked; `drift` is
    its StackDriftStatus.
    """

    template: str
    parameters: Mapping[str, str]
    status: str = ""
    drift: str = NOT_CHECKED


# (environment, layer) -> what was found there.
Sightings = Mapping[tuple[str, str], Observed]


@dataclass(frozen=True)
class ParameterDifference:
    """A parameter whose value is not the same everywhere; None if the stack does not have it.

    `origin` is the setting or the other layer's output that fills it, "" if nothing does. `read`
    has, by environment, the output of another environment that the setting refers to there.
    """

    parameter: str
    origin: str
    values: Mapping[str, str | None]
    allowed: bool
    read: Mapping[str, Source] = field(default_factory=dict)


@dataclass(frozen=True)
class Deviation:
    """A part of a deployed stack that is not as declared: template, parameter, protection."""

    environment: str
    what: str
    declared: str | None
    deployed: str | None


@dataclass(frozen=True)
class LayerParity:
    """One layer in all environments; those without the layer are not in `found`.

    `code` is the key of the function code by environment, empty for a layer without code.
    `unknown` are secret parameters, whose values AWS does not return.
    """

    layer: str
    found: Mapping[str, Observed]
    code: Mapping[str, str]
    differences: tuple[ParameterDifference, ...]
    deviations: tuple[Deviation, ...]
    unknown: tuple[str, ...]

    @property
    def same_template(self) -> bool:
        """True if every environment was seen to have the same template, byte for byte."""
        return self._complete and len({s.template for s in self.found.values()}) == 1

    @property
    def same_code(self) -> bool:
        """True if every environment was seen to run the same code."""
        return self._complete and len(set(self.code.values())) <= 1

    @property
    def forbidden(self) -> tuple[ParameterDifference, ...]:
        """The parameters that must not differ, but do."""
        return tuple(found for found in self.differences if not found.allowed)

    @property
    def drifted(self) -> tuple[str, ...]:
        """The environments whose resources are known to differ from the template."""
        return tuple(name for name, s in self.found.items() if s.drift == DRIFTED)

    @property
    def holds(self) -> bool:
        """True if everything is identical that has to be."""
        same = self.same_template and self.same_code
        return same and not (self.forbidden or self.deviations or self.drifted)

    @property
    def _complete(self) -> bool:
        return all(sighting.template for sighting in self.found.values())


@dataclass(frozen=True)
class Parity:
    """All layers of the environments, as `deployed` or as declared.

    `detected` means that drift was detected now; otherwise it is the last known state.
    """

    environments: tuple[str, ...]
    layers: tuple[LayerParity, ...]
    deployed: bool
    detected: bool = False

    @property
    def holds(self) -> bool:
        """True if everything is identical that has to be."""
        return all(layer.holds for layer in self.layers)


def template_sha256(text: str) -> str:
    """The hash of a template with this text, as in a stack file.

    AWS returns JSON parsed, so the text is formatted again as tapgen renders it.
    """
    with suppress(ValueError):  # YAML from another tool stays as it is
        text = pretty(json.loads(text))
    return sha256(text.encode()).hexdigest()


def compare(
    platform: Platform, stacks: Mapping[str, Sequence[Stack]], deployed: Sightings | None = None
) -> Parity:
    """Compare the platform's environments as `deployed`, by default as declared."""
    by_layer: dict[str, dict[str, Stack]] = {}
    for environment, members in stacks.items():
        for stack in members:
            by_layer.setdefault(stack.layer, {})[environment] = stack
    layers = tuple(
        _layer(platform, layer, members, deployed) for layer, members in by_layer.items()
    )
    return Parity(tuple(stacks), layers, deployed is not None)


def _layer(
    platform: Platform, layer: str, stacks: Mapping[str, Stack], deployed: Sightings | None
) -> LayerParity:
    declared = {name: _as_declared(stack) for name, stack in stacks.items()}
    found = {name: deployed[name, layer] for name in stacks} if deployed is not None else declared
    template = next(iter(stacks.values())).template
    declared = {name: _masked(template, sighting) for name, sighting in declared.items()}
    found = {name: _masked(template, sighting) for name, sighting in found.items()}
    existing = {name: sighting for name, sighting in found.items() if sighting.template}
    return LayerParity(
        layer=layer,
        found=found,
        code=_code(stacks, existing),
        differences=tuple(_differences(platform, stacks, existing)),
        deviations=tuple(
            deviation
            for name, sighting in existing.items()
            for deviation in _deviations(stacks[name], declared[name], sighting)
        ),
        unknown=tuple(
            sorted({n for s in existing.values() for n, v in s.parameters.items() if v == MASK})
        ),
    )


def _as_declared(stack: Stack) -> Observed:
    """The layer as declared. Values from elsewhere are named, because no file has them."""
    read = {name: source.written for name, source in stack.read_inputs.items()}
    return Observed(stack.template.sha256, {**stack.parameters, **read})


def _masked(template: Template, sighting: Observed) -> Observed:
    return replace(sighting, parameters=masked_parameters(template, sighting.parameters))


def _code(stacks: Mapping[str, Stack], found: Mapping[str, Observed]) -> dict[str, str]:
    return {
        name: sighting.parameters.get(parameter, "")
        for name, sighting in found.items()
        if (parameter := stacks[name].code_parameter)
    }


def _differences(
    platform: Platform, stacks: Mapping[str, Stack], found: Mapping[str, Observed]
) -> Iterable[ParameterDifference]:
    stack = next(iter(stacks.values()))
    settings = stack.template.settings
    inputs = {name: source for stack in stacks.values() for name, source in stack.inputs.items()}
    names = {name for sighting in found.values() for name in sighting.parameters}
    for name in sorted(names - {stack.settled_parameter}):
        values = {environment: s.parameters.get(name) for environment, s in found.items()}
        if len(set(values.values())) > 1:
            if name in settings:
                origin, allowed = settings[name], may_vary(platform, settings[name])
            else:
                # Outputs of other layers are ids and names of the environment's own resources.
                origin, allowed = str(inputs.get(name, "")), name in inputs
            read = {e: s.read_inputs[name] for e, s in stacks.items() if name in s.read_inputs}
            yield ParameterDifference(name, origin, values, allowed, read)


def _deviations(stack: Stack, declared: Observed, found: Observed) -> Iterable[Deviation]:
    if found.template != declared.template:
        yield Deviation(stack.environment, TEMPLATE, declared.template, found.template)
    template = stack.template
    if is_unsettled(stack, found.parameters):
        yield Deviation(stack.environment, CREATION, "complete", "not protected yet")
    given = (
        template.parameters.keys() - template.settings.keys()
        | stack.read_inputs.keys()
        | {stack.settled_parameter}
    )
    for name in sorted((declared.parameters.keys() | found.parameters.keys()) - given):
        before, after = declared.parameters.get(name), found.parameters.get(name)
        if before != after:
            yield Deviation(stack.environment, name, before, after)
