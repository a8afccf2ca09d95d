"""Drift as values: changes in AWS outside the templates, with three sides.

A property has a declared value (rendered with the present settings), a deployed one, and an actual
one. Drift is a difference between the last two. A difference between the declared and the deployed
value is a pending change, which `tapgen plan` shows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tapgen.model.changes.differences import ABSENT, ValueDifference, differences
from tapgen.model.changes.secrets import DYNAMIC_REFERENCE, MASK, secret_name
from tapgen.model.deployed.log_delivery import added_by_delivery

# CloudFormation's StackResourceDriftStatus.
IN_SYNC: Final = "IN_SYNC"
MODIFIED: Final = "MODIFIED"
DELETED: Final = "DELETED"
NOT_CHECKED: Final = "NOT_CHECKED"

# The stack itself as a resource: properties that are not in its template.
STACK: Final = "AWS::CloudFormation::Stack"

_REFERENCE: Final = re.compile(r"\{\{resolve:[^{}]*\}\}")
# Autoscaling raises these above the declared value, which is the minimum.
_CAPACITIES: Final = frozenset({"ReadCapacityUnits", "WriteCapacityUnits"})


@dataclass(frozen=True)
class DriftedProperty:
    """CloudFormation's PropertyDifference: a JSON pointer, and both values as texts.

    A part that was `added` has no expected value.
    """

    path: str
    expected: str
    actual: str
    added: bool = False

    @property
    def name(self) -> str:
        """The top-level property."""
        return self.path.split("/")[1]

    @property
    def scaled_up(self) -> bool:
        """True if only capacities differ, and are above their minimum because of autoscaling."""
        name = self.path.rpartition("/")[2]
        return _above(name, _parsed(self.expected), _parsed(self.actual))

    def is_drift(self, account: str) -> bool:
        """True if the change was not made by autoscaling or by AWS itself.

        A web ACL's string is returned in both notations
        (aws-cloudformation/cloudformation-coverage-roadmap#2537). The value of a dynamic reference
        is a secret, which is not compared.
        """
        spelled_twice = self.added and self.path.endswith("/SearchStringBase64")
        delivers = self.added and added_by_delivery(_parsed(self.actual), account)
        secret = _REFERENCE.fullmatch(self.expected)
        return not (self.scaled_up or spelled_twice or delivers or secret)

    def parts(self) -> Iterator[ValueDifference]:
        """Yield the smallest parts that differ, with paths that begin with the property.

        A value with a dynamic reference is not divided: a part of it could be the secret alone.
        """
        before, after = (_side(text) for text in (self.expected, self.actual))
        if DYNAMIC_REFERENCE in self.expected:
            yield ValueDifference(self.path[1:], before, after)
        else:
            yield from differences(before, after, self.path[1:], lambda _: True)


def _side(text: str) -> Any:
    """A text from CloudFormation; JSON's null stands for a missing value."""
    return ABSENT if text == "null" else text


@dataclass(frozen=True)
class Detected:
    """The result of CloudFormation's drift detection for a resource.

    `checked` are the top-level properties that it compared.
    """

    status: str
    checked: frozenset[str] = frozenset()
    differences: tuple[DriftedProperty, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class PropertyDrift:
    """One property that is not as it was deployed; None if a side has no such value."""

    path: str
    declared: Any
    deployed: Any
    actual: Any


@dataclass(frozen=True)
class ResourceDrift:
    """One resource; `status` is IN_SYNC, MODIFIED, DELETED, or NOT_CHECKED for `reason`."""

    logical_id: str
    resource_type: str
    status: str
    properties: tuple[PropertyDrift, ...] = ()
    reason: str = ""

    @property
    def drifted(self) -> bool:
        return self.status in {MODIFIED, DELETED}


@dataclass(frozen=True)
class LayerDrift:
    """One stack; `resources` is empty if its `status` does not allow drift detection."""

    layer: str
    status: str
    resources: tuple[ResourceDrift, ...] = field(default_factory=tuple)
    checked: bool = True

    @property
    def drifted(self) -> tuple[ResourceDrift, ...]:
        """The resources that are not as they were deployed."""
        return tuple(resource for resource in self.resources if resource.drifted)

    @property
    def in_resources(self) -> bool:
        """True if a resource has drifted, and not only the stack itself."""
        return any(resource.resource_type != STACK for resource in self.drifted)


def shown(found: PropertyDrift) -> PropertyDrift:
    """The same with secrets masked: by the property's name or its declaration."""
    named = any(map(secret_name, found.path.split("/")))
    if named or DYNAMIC_REFERENCE in f"{found.declared}{found.deployed}":
        sides = (found.declared, found.deployed, found.actual)
        return PropertyDrift(found.path, *(None if side is None else MASK for side in sides))
    return found


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _above(name: str, floor: Any, actual: Any) -> bool:
    if isinstance(floor, Mapping) and isinstance(actual, Mapping):
        same = floor.keys() == actual.keys()
        return same and all(_above(key, floor[key], actual[key]) for key in floor)
    if isinstance(floor, list) and isinstance(actual, list):
        pairs = zip(floor, actual, strict=False)
        return len(floor) == len(actual) and all(_above("", *pair) for pair in pairs)
    if name in _CAPACITIES:
        return float(actual or 0) >= float(floor or 0)
    return bool(floor == actual)
