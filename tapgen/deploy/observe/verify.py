"""Verifying an environment: every resource is read back through its service, then the live API.

CREATE_COMPLETE means that CloudFormation has finished, not that the bucket is encrypted. So each
resource's declared properties are resolved, the service is asked for the actual ones
(`aws.readers`), and the two are compared property by property (`comparison`).

A difference raises no error: every comparison is a `Check`. A value that cannot be read is not a
difference.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.aws.readers.registry import counted, read
from tapgen.aws.readers.values import NotRead
from tapgen.deploy.observe.attributes import known_attributes
from tapgen.deploy.observe.checks import Address, Check, LiveChecks, Unseen
from tapgen.deploy.observe.comparison import compare
from tapgen.deploy.observe.expectations import expected
from tapgen.deploy.target.elsewhere import outputs_elsewhere
from tapgen.deploy.target.inputs import input_values
from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError
from tapgen.model.deployed.stack_status import HEALTHY, usable
from tapgen.model.parts.declared import takes
from tapgen.model.parts.running import yielded
from tapgen.model.stack import Stack
from tapgen.model.templates.intrinsics import Resolved, Resolver

_CALLED: Final = takes(2, "read_only")
# Services allow ten reading calls a second and more; eight at a time stay below that.
_READERS_AT_WORK: Final = 8


def verify(target: Target, address: Address, *, read_only: bool = False) -> Iterator[Check]:
    """Check every stack, then run the platform's live checks.

    `address` returns where a deployed URL is served. Unless `read_only`, the live checks may write
    test data.

    Raises `RefusedError` if the credentials belong to another account.
    """
    target.verify_account()
    yield from verify_stacks(target)
    live: LiveChecks | None = target.platform.part("live_checks", _CALLED)
    if live:
        part = f"the live checks of the platform {target.platform.name}"
        yield from yielded(part, lambda: live(target, address, read_only=read_only), Check, live)


def verify_stacks(target: Target) -> Iterator[Check]:
    """Check every stack and its resources, in dependency order."""
    states = {layer: target.describe(layer) for layer in target.stacks}
    with ThreadPoolExecutor(_READERS_AT_WORK) as pool:
        for layer, stack in target.stacks.items():
            deployed = _Deployed(target, stack, states)
            yield from deployed.stack_checks()
            if usable(states[layer].status):
                for checks in pool.map(deployed.resource_checks, deployed.logical_ids):
                    yield from checks


def resource_faults(target: Target, resources: Iterable[str]) -> list[Check]:
    """The failed checks of resources of deployed stacks ("layer.LogicalId")."""
    by_layer: dict[str, list[str]] = {}
    for layer, _, logical_id in (name.partition(".") for name in resources):
        by_layer.setdefault(layer, []).append(logical_id)
    found: list[Check] = []
    for layer, logical_ids in by_layer.items():
        stack = target.stacks[layer]
        states = {name: target.describe(name) for name in (layer, *stack.dependencies)}
        deployed = _Deployed(target, stack, states)
        found += [check for name in logical_ids for check in deployed.resource_checks(name)]
    return [check for check in found if check.ok is False]


@dataclass
class _Deployed:
    """One stack, as declared and as deployed."""

    target: Target
    stack: Stack
    states: Mapping[str, StackState]

    @property
    def state(self) -> StackState:
        return self.states[self.stack.layer]

    @cached_property
    def parameters(self) -> dict[str, str]:
        outputs: dict[str, Mapping[str, str]] = outputs_elsewhere(self.target, self.stack)
        outputs |= {layer: state.outputs or {} for layer, state in self.states.items()}
        return {**self.stack.parameters, **input_values(self.stack, outputs)}

    @cached_property
    def resources(self) -> dict[str, tuple[str, str]]:
        return self.target.cloudformation(self.stack).resources(self.stack.name)

    @cached_property
    def resolved(self) -> Resolved:
        document = self.stack.template.document
        place = {"region": self.stack.region, "account": self.stack.account_id}
        return Resolver(
            document,
            self.parameters,
            self.stack.account_id,
            self.stack.region,
            {logical_id: physical_id for logical_id, (_, physical_id) in self.resources.items()},
            known_attributes(document, self.resources, self.state.outputs or {}, place),
        ).resolve()

    @property
    def logical_ids(self) -> list[str]:
        """The logical ids of all declared or deployed resources."""
        return sorted(self.resolved.resources.keys() | self.resources.keys())

    def stack_checks(self) -> Iterator[Check]:
        status = self.state.status
        yield self._check("", "Status", " or ".join(sorted(HEALTHY)), status, status in HEALTHY)
        if not usable(status):
            return
        policy = self.target.cloudformation(self.stack).policy(self.stack.name)
        protection = self.state.termination_protection
        yield from self._compare("", "Parameters", self.parameters, self.state.parameters)
        yield from self._compare("", "Tags", dict(self.stack.tags), self.state.tags)
        yield from self._compare("", "StackPolicy", self.stack.policy(), policy)
        yield from self._compare("", "TerminationProtection", self.stack.protected, protection)
        yield self._template()

    def resource_checks(self, logical_id: str) -> list[Check]:
        resource = self.resolved.resources.get(logical_id)
        deployed_type, physical_id = self.resources.get(logical_id, (None, ""))
        if resource is None or deployed_type is None:
            declared_type = resource["Type"] if resource else None
            return [self._check(logical_id, "Type", declared_type, deployed_type, ok=False)]
        kind = resource["Type"]
        meant = expected(resource, self.resolved.resources, self.target.code)
        declared = {**resource.get("Properties", {}), **meant}
        try:
            actual = read(self.target.region_of(self.stack), kind, physical_id, declared)
        except TapgenError as error:
            return [self._check(logical_id, "Type", kind, Unseen(error.message), ok=None)]
        if actual is None:
            return [self._check(logical_id, "Type", kind, "not found", ok=False)]
        if isinstance(actual, NotRead):
            return [self._check(logical_id, "Type", kind, actual, ok=None)]
        return list(self._properties(logical_id, counted(kind), declared, actual))

    def _properties(
        self,
        logical_id: str,
        counted: Collection[str],
        declared: Mapping[str, Any],
        actual: Mapping[str, Any],
    ) -> Iterator[Check]:
        for name, value in actual.items():
            if name in declared or name in counted:
                yield from self._compare(logical_id, name, declared.get(name), value)

    def _template(self) -> Check:
        text = self.target.cloudformation(self.stack).template(self.stack.name)
        same = json.loads(text) == json.loads(self.stack.template.text)
        actual = "as rendered" if same else "another template"
        return self._check("", "Template", "as rendered", actual, same)

    def _compare(self, logical_id: str, name: str, declared: Any, actual: Any) -> Iterator[Check]:
        for one in compare(name, declared, actual):
            yield self._check(logical_id, one.path, one.declared, one.actual, one.ok)

    def _check(
        self, logical_id: str, name: str, declared: Any, actual: Any, ok: bool | None
    ) -> Check:
        return Check(self.stack.layer, logical_id, name, declared, actual, ok)
