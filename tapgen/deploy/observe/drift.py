"""Drift detection: by CloudFormation where it supports it, otherwise by reading the service.

CloudFormation detects drift only for some resource types, and only in the properties that it
compares. Everything else is read back through the resource's service (`aws.readers`) and compared
with the deployed template and parameters, as `verify` compares with the declared ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from tapgen.aws.cloudformation.drift import detect
from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.aws.readers.registry import READERS, Reading, counted, read
from tapgen.aws.readers.values import NotRead
from tapgen.deploy.observe.attributes import known_attributes
from tapgen.deploy.observe.comparison import compare
from tapgen.deploy.observe.expectations import expected
from tapgen.deploy.observe.inspection import states
from tapgen.deploy.target.inputs import input_values
from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError
from tapgen.model.changes.differences import ABSENT
from tapgen.model.changes.secrets import secret_parameters
from tapgen.model.changes.values import deployed_side
from tapgen.model.deployed.drift import (
    DELETED,
    IN_SYNC,
    MODIFIED,
    NOT_CHECKED,
    STACK,
    Detected,
    LayerDrift,
    PropertyDrift,
    ResourceDrift,
    shown,
)
from tapgen.model.deployed.stack_status import (
    DRIFT_DETECTABLE,
    DeployAction,
    actions_for,
    usable,
)
from tapgen.model.stack import Stack
from tapgen.model.templates.intrinsics import Resolver
from tapgen.model.templates.paths import at
from tapgen.model.templates.stack_policy import stack_policy
from tapgen.model.templates.stateful import stateful_in
from tapgen.model.templates.template import Template
from tapgen.render.code.function_package import Code

# Services allow ten reading calls a second and more; eight at a time stay below that.
_AT_WORK: Final = 8
_DETECTIONS_AT_WORK: Final = 4


def look_for_drift(target: Target, layers: Iterable[str]) -> Iterator[LayerDrift]:
    """Detect the drift of the chosen layers, in dependency order.

    Raises `RefusedError` if the credentials belong to another account, and `TapgenError` if AWS
    does not answer.
    """
    found = states(target, target.stacks)
    chosen = [layer for layer in target.stacks if layer in set(layers)]
    with (
        ThreadPoolExecutor(_DETECTIONS_AT_WORK) as detecting,
        ThreadPoolExecutor(_AT_WORK) as reading,
    ):
        begun = {
            layer: detecting.submit(detect, target.region_of(target.stacks[layer]), state.stack_id)
            for layer, state in found.items()
            if layer in chosen and state.status in DRIFT_DETECTABLE
        }
        for layer in chosen:
            status = found[layer].status
            if usable(status):
                detected = begun[layer].result() if layer in begun else {}
                stack = _Stack(target, target.stacks[layer], found, detected)
                resources = tuple(reading.map(stack.resource, sorted(stack.deployed_ids)))
                yield LayerDrift(layer, status, (*stack.beside_template(), *resources))
            else:
                absent = actions_for(status).deploy is DeployAction.CREATE
                yield LayerDrift(layer, status, checked=absent)


@dataclass
class _Stack:
    """One stack as declared, as deployed, and as CloudFormation detected it."""

    target: Target
    stack: Stack
    states: Mapping[str, StackState]
    detected: Mapping[str, Detected]

    @property
    def state(self) -> StackState:
        return self.states[self.stack.layer]

    @cached_property
    def deployed_ids(self) -> dict[str, tuple[str, str]]:
        """Logical id -> type and physical id."""
        return self.target.cloudformation(self.stack).resources(self.stack.name)

    @cached_property
    def declared(self) -> Mapping[str, Mapping[str, Any]]:
        outputs = {layer: state.outputs or {} for layer, state in self.states.items()}
        # The deployed values from other environments are used: their accounts may be unreachable.
        deployed = self.state.parameters or {}
        read = {name: v for name, v in deployed.items() if name in self.stack.read_inputs}
        parameters = {**self.stack.parameters, **read, **input_values(self.stack, outputs)}
        return self._resolved(self.stack.template, parameters)

    @cached_property
    def template(self) -> Template | None:
        """The deployed template; None if tapgen did not write it."""
        text = self.target.cloudformation(self.stack).template(self.stack.name)
        side = deployed_side(self.stack, text, self.state.parameters or {}, {})
        return side.template if side else None

    @cached_property
    def deployed(self) -> Mapping[str, Mapping[str, Any]]:
        if self.template is None:
            return {}
        parameters = self.state.parameters or {}
        secret = secret_parameters(self.template)  # AWS does not return their values
        told = {name: value for name, value in parameters.items() if name not in secret}
        try:
            return self._resolved(self.template, told)
        except (LookupError, TypeError, ValueError):  # tapgen did not write this template
            return {}

    @cached_property
    def code(self) -> Code | None:
        """The functions' code, if the current code is deployed."""
        parameter = self.stack.code_parameter
        key = (self.state.parameters or {}).get(parameter or "")
        return self.target.code if key == self.target.code.key else None

    def beside_template(self) -> Iterator[ResourceDrift]:
        """The stack itself, if its policy or its termination protection was changed by hand.

        Runs set both together, so one shows what the other must be. The current settings may not
        be deployed yet, so a difference from them is not drift.
        """
        if self.template is None:
            return
        try:
            stateful = stateful_in(self.template.document)
        except (LookupError, TypeError, ValueError, AttributeError):  # see `deployed`
            return
        forms = {wanted: stack_policy(stateful, protected=wanted) for wanted in (True, False)}
        protected = self.state.termination_protection
        policy = self.target.cloudformation(self.stack).policy(self.stack.name)
        found = None
        if policy not in forms.values():
            found = PropertyDrift("StackPolicy", self.stack.policy(), forms[protected], policy)
        elif policy != forms[protected]:
            declared = self.stack.protected
            found = PropertyDrift("TerminationProtection", declared, not protected, protected)
        if found:
            yield ResourceDrift(self.stack.name, STACK, MODIFIED, (found,))

    def resource(self, logical_id: str) -> ResourceDrift:
        kind, _ = self.deployed_ids[logical_id]
        detected = self.detected.get(logical_id, Detected(NOT_CHECKED))
        if detected.status == DELETED:
            return ResourceDrift(logical_id, kind, DELETED)
        checked = detected.status in {IN_SYNC, MODIFIED}
        properties = list(self._told(logical_id, detected)) if checked else []
        declaration = self.deployed.get(logical_id)
        reason = detected.reason
        if declaration and not self._all_checked(kind, declaration, detected):
            actual = self._read(logical_id)
            if actual is None:
                return ResourceDrift(logical_id, kind, DELETED)
            if isinstance(actual, NotRead):
                reason = actual.why
            else:
                checked = True
                rest = {name: v for name, v in actual.items() if name not in detected.checked}
                properties += self._compared(logical_id, kind, rest)
        if properties:
            return ResourceDrift(logical_id, kind, MODIFIED, tuple(map(shown, properties)))
        if checked:
            return ResourceDrift(logical_id, kind, IN_SYNC)
        return ResourceDrift(logical_id, kind, NOT_CHECKED, reason=reason or "it cannot be read")

    def _all_checked(self, kind: str, declaration: Mapping[str, Any], detected: Detected) -> bool:
        """Whether CloudFormation has compared all that Cloud Control would return."""
        declared = declaration.get("Properties", {}).keys()
        return kind not in READERS and bool(declared) and declared <= set(detected.checked)

    def _read(self, logical_id: str) -> Reading:
        """The resource's properties; `NotRead` also if the service does not answer."""
        kind, physical_id = self.deployed_ids[logical_id]
        wanted = self._wanted(self.deployed, logical_id)
        try:
            return read(self.target.region_of(self.stack), kind, physical_id, wanted)
        except TapgenError as error:
            return NotRead(error.message)

    def _told(self, logical_id: str, detected: Detected) -> Iterator[PropertyDrift]:
        """The differences that CloudFormation detected, with the declared values."""
        declared = self.declared.get(logical_id, {})
        for one in detected.differences:
            if one.is_drift(self.stack.account_id):
                for part in one.parts():
                    wanted = at(declared, f"/Properties/{part.path}")
                    sides = (None if v is ABSENT else v for v in (part.before, part.after))
                    yield PropertyDrift(part.path, wanted, *sides)

    def _compared(
        self, logical_id: str, kind: str, actual: Mapping[str, Any]
    ) -> Iterator[PropertyDrift]:
        """The differences of what was read from what was deployed, with the declared values."""
        deployed, declared = (
            self._wanted(side, logical_id) for side in (self.deployed, self.declared)
        )
        for name, value in actual.items():
            if name in deployed or name in counted(kind):
                now = {one.path: one.declared for one in compare(name, declared.get(name), value)}
                for one in compare(name, deployed.get(name), value):
                    if one.ok is False:
                        yield PropertyDrift(one.path, now.get(one.path), one.declared, one.actual)

    def _wanted(self, side: Mapping[str, Mapping[str, Any]], logical_id: str) -> dict[str, Any]:
        resource = side.get(logical_id)
        if resource is None:
            return {}
        return {**resource.get("Properties", {}), **expected(resource, side, self.code)}

    def _resolved(
        self, template: Template, parameters: Mapping[str, str]
    ) -> Mapping[str, Mapping[str, Any]]:
        place = {"region": self.stack.region, "account": self.stack.account_id}
        outputs = self.state.outputs or {}
        return (
            Resolver(
                template.document,
                parameters,
                self.stack.account_id,
                self.stack.region,
                {
                    logical_id: physical_id
                    for logical_id, (_, physical_id) in self.deployed_ids.items()
                },
                known_attributes(template.document, self.deployed_ids, outputs, place),
            )
            .resolve()
            .resources
        )
