"""The result of a comparison, as values for any view.

`before` and `after` are resolved values: `ABSENT` (tapgen.model.changes.differences) if a side
lacks the part, `Unknown` (tapgen.model.templates.intrinsics) if it is only known after a
deployment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tapgen.model.layer import TEMPLATES_FOLDER
from tapgen.review.diff.effect import Effect, worst
from tapgen.settings.faults import Source

if TYPE_CHECKING:
    from tapgen.review.cost.change import CostChange

Action = Literal["add", "remove", "modify", "move"]
Kind = Literal["added", "removed", "changed", "same"]


@dataclass(frozen=True)
class Cause:
    """Why something differs.

    - `setting`: `name` is the setting, `place` where its value is written.
    - `template`: `place` is the line of the template.
    - `upstream`: `name` ("data.Key") is the resource whose replacement, or the output whose change,
      is the cause; `certain` is whether that happens for sure.
    - `creation`: the creation of the stack has ended (`model.changes.settling`).
    """

    kind: Literal["setting", "template", "upstream", "creation"]
    name: str = ""
    place: Source | None = None
    certain: bool = True


@dataclass(frozen=True)
class PropertyChange:
    """A part of a resource: its path below Properties, or an attribute such as DeletionPolicy.

    `reason` explains an effect that does not follow from AWS's schema of the type.
    """

    path: str
    before: Any
    after: Any
    effect: Effect
    causes: tuple[Cause, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class ResourceChange:
    """One resource. `moved_from` is its "layer.LogicalId" before a move.

    `refused` means that the environment is protected and a deployment would be refused.
    """

    layer: str
    logical_id: str
    resource_type: str
    action: Action
    effect: Effect
    properties: tuple[PropertyChange, ...] = ()
    causes: tuple[Cause, ...] = ()
    notes: tuple[str, ...] = ()
    refused: bool = False
    moved_from: str = ""

    @property
    def name(self) -> str:
        """`layer.LogicalId`."""
        return f"{self.layer}.{self.logical_id}"


@dataclass(frozen=True)
class OutputChange:
    """An output whose value differs, and the parameters ("compute.KeyArn") that it fills."""

    name: str
    before: Any
    after: Any
    reaches: tuple[str, ...] = ()
    certain: bool = True


@dataclass(frozen=True)
class StackChange:
    """A change of the stack itself: a parameter, an input, a tag, its policy, protection, place.

    `what` is the kind, `name` that of the parameter, input or tag.
    """

    what: str
    name: str
    before: Any
    after: Any
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class Refactor:
    """Resources that could be moved instead of being removed in one stack and created in another.

    `mappings` has pairs of logical ids, in `source` and in `target`, which are stack names in one
    region. `templates` are the paths of their new templates.
    """

    source: str
    target: str
    region: str
    mappings: tuple[tuple[str, str], ...]
    templates: tuple[str, str]
    creates_target: bool


@dataclass(frozen=True)
class LayerDiff:
    """One stack."""

    layer: str
    kind: Kind
    resources: tuple[ResourceChange, ...] = ()
    outputs: tuple[OutputChange, ...] = ()
    stack: tuple[StackChange, ...] = ()
    template_differs: bool = False

    @property
    def effect(self) -> Effect | None:
        """The worst effect on any resource; None if no resource changes."""
        return worst([change.effect for change in self.resources]) if self.resources else None

    @property
    def refused(self) -> bool:
        """Whether a deployment of the stack would be refused."""
        return any(change.refused for change in self.resources)


@dataclass(frozen=True)
class EnvironmentDiff:
    """All stacks of an environment, in dependency order; its account if known."""

    environment: str
    protected: bool
    layers: tuple[LayerDiff, ...]
    refactors: tuple[Refactor, ...] = ()
    account_id: str = ""

    @property
    def differs(self) -> bool:
        """Whether anything differs."""
        return any(layer.kind != "same" for layer in self.layers)

    @property
    def resources(self) -> tuple[ResourceChange, ...]:
        """The changed resources of all stacks, worst first, in the order of the stacks."""
        every = (change for layer in self.layers for change in layer.resources)
        return tuple(sorted(every, key=lambda change: change.effect.rank))


@dataclass(frozen=True)
class Comparison:
    """All compared environments; `against` describes the other side in words.

    `folder` is the beginning of templates' paths. `costs` are by environment, if requested.
    """

    against: str
    environments: Mapping[str, EnvironmentDiff]
    folder: str = f"{TEMPLATES_FOLDER}/"
    costs: Mapping[str, CostChange] = field(default_factory=dict)

    @property
    def differs(self) -> bool:
        """Whether anything differs anywhere."""
        return any(diff.differs for diff in self.environments.values())

    @property
    def resources(self) -> tuple[ResourceChange, ...]:
        """The changed resources of all environments."""
        return tuple(change for diff in self.environments.values() for change in diff.resources)
