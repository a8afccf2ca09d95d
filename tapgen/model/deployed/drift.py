"""Drift as values: what somebody changed in AWS outside the templates, told with three sides.

A property has a value as declared (rendered with the settings of now), as last deployed, and as it
actually is. Drift is a difference between the last two. What is declared otherwise than deployed is
a pending change, for `tapgen plan` to show, and no drift.
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

# CloudFormation's StackResourceDriftStatus, as far as the difference matters here.
IN_SYNC: Final = "IN_SYNC"
MODIFIED: Final = "MODIFIED"
DELETED: Final = "DELETED"
NOT_CHECKED: Final = "NOT_CHECKED"

# The resource that a stack itself is: what is set beside its template.
STACK: Final = "AWS::CloudFormation::Stack"

_REFERENCE: Final = re.compile(r"\{\{resolve:[^{}]*\}\}")
# Autoscaling raises these above the declared value, which is its floor.
_CAPACITIES: Final = frozenset({"ReadCapacityUnits", "WriteCapacityUnits"})


@dataclass(frozen=True)
class DriftedProperty:
    """CloudFormation's PropertyDifference: a JSON pointer, and both values as texts.

    What was `added` has no expected value.
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
        """Whether nothing but autoscaled capacity differs, which is above its floor."""
        name = self.path.rpartition("/")[2]
        return _above(name, _parsed(self.expected), _parsed(self.actual))

    def is_drift(self, account: str) -> bool:
        """Whether somebody changed something, and not autoscaling or AWS itself.

        A web ACL's string reads back in its other spelling beside its own
        (aws-cloudformation/cloudformation-coverage-roadmap#2537); what is put in the place of a
        dynamic reference is a secret, which nobody compares.
        """
        spelled_twice = self.added and self.path.endswith("/SearchStringBase64")
        delivers = self.added and added_by_delivery(_parsed(self.actual), account)
        secret = _REFERENCE.fullmatch(self.expected)
        return not (self.scaled_up or spelled_twice or delivers or secret)

    def parts(self) -> Iterator[ValueDifference]:
        """The smallest parts that differ, by their paths from the property on.

        What holds a dynamic reference stays whole: a part of it may be the secret alone.
        """
        before, after = (_side(text) for text in (self.expected, self.actual))
        if DYNAMIC_REFERENCE in self.expected:
            yield ValueDifference(self.path[1:], before, after)
        else:
            yield from differences(before, after, self.path[1:], lambda _: True)


def _side(text: str) -> Any:
    """Text as CloudFormation tells it; JSON's null is that there is nothing."""
    return ABSENT if text == "null" else text


@dataclass(frozen=True)
class Detected:
    """What CloudFormation's drift detection tells of a resource.

    `checked` are the top-level properties that it compared.
    """

    status: str
    checked: frozenset[str] = frozenset()
    differences: tuple[DriftedProperty, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class PropertyDrift:
    """One property that is not as it was deployed; None where a side has no such value."""

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
    """One stack; `resources` is empty where it could not be looked at, as `status` says."""

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
        """Whether a resource has drifted, and not only what is set beside the template."""
        return any(resource.resource_type != STACK for resource in self.drifted)


def shown(found: PropertyDrift) -> PropertyDrift:
    """The same with secrets masked: by the name of the property, or by what it is declared as."""
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
