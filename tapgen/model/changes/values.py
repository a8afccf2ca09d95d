"""Values before and after a change that are not in the change set.

They are computed from the deployed template with its parameters and the new template with the new
parameters, which CloudFormation compares too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import Any, Final

from tapgen.model.changes.change import KNOWN_AFTER_APPLY, Change, PropertyChange, mentioned
from tapgen.model.changes.differences import ABSENT, ValueDifference, differences
from tapgen.model.changes.secrets import MASK, masked, masked_parameters, secret_parameters
from tapgen.model.stack import Stack
from tapgen.model.templates.intrinsics import Resolver, Unknown
from tapgen.model.templates.paths import at
from tapgen.model.templates.template import Template

_TAGS: Final = "Tags"
_PROPERTIES: Final = "Properties"


@dataclass(frozen=True)
class Side:
    """A stack before or after the change: template, parameters, tags, account and region."""

    template: Template
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    account_id: str
    region: str

    @cached_property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        """The resources with all known values; none if tapgen cannot read the template.

        Secret parameters are masked before the evaluation, so no secret is in the result.
        """
        parameters = masked_parameters(self.template, self.parameters)
        resolver = Resolver(self.template.document, parameters, self.account_id, self.region)
        try:
            return resolver.resolve().resources
        except (LookupError, TypeError, ValueError):  # tapgen did not write this template
            return {}

    def declared(self, logical_id: str) -> Mapping[str, Any]:
        """The resource as the template declares it."""
        return self.template.resources.get(logical_id, {})


def deployed_side(
    stack: Stack, text: str, parameters: Mapping[str, str], tags: Mapping[str, str]
) -> Side | None:
    """The stack as it is deployed; None if tapgen cannot read its template."""
    template = Template(stack.layer, text)
    try:
        readable = isinstance(template.document["Resources"], dict)
    except (LookupError, TypeError, ValueError):
        readable = False
    if not readable:
        return None
    return Side(template, parameters, tags, stack.account_id, stack.region)


def completed(changes: Sequence[Change], before: Side | None, after: Side) -> tuple[Change, ...]:
    """The changes with all values that can be computed, and without secrets.

    `before` is None for a stack that is created.
    """
    sides = [side for side in (before, after) if side is not None]
    return tuple(
        replace(
            change,
            details=masked(
                _valued(change, before, after) if before else change.details,
                [(side.template, side.declared(change.logical_id)) for side in sides],
            ),
        )
        for change in changes
    )


def _valued(change: Change, before: Side, after: Side) -> tuple[PropertyChange, ...]:
    found: list[PropertyChange] = []
    ordered = sorted(change.details, key=lambda detail: detail.subject)
    for _, group in groupby(ordered, key=lambda detail: detail.subject):
        details = list(group)
        if any(detail.has_values for detail in details):
            found += details
        else:
            found += _computed(change.logical_id, details, before, after)
    return tuple(found)


def _computed(
    logical_id: str, details: list[PropertyChange], before: Side, after: Side
) -> Iterator[PropertyChange]:
    """The details of one property, one for each part that differs and each of its causes."""
    used: set[PropertyChange] = set()
    for difference in _differences(logical_id, details[0], before, after):
        for detail in _behind(details, logical_id, difference.path, (before, after)):
            used.add(detail)
            yield _with_values(detail, difference)
    for detail in details:
        if detail not in used:
            yield _without_difference(detail, after)


def _differences(
    logical_id: str, detail: PropertyChange, before: Side, after: Side
) -> Iterator[ValueDifference]:
    if detail.attribute == _TAGS:
        return differences(before.tags, after.tags, f"/{_TAGS}")
    path = f"/{detail.attribute}/{detail.name}" if detail.name else f"/{detail.attribute}"
    old, new = (_part(side.resources.get(logical_id, {}), detail) for side in (before, after))
    return differences(old, new, path)


def _part(resource: Mapping[str, Any], detail: PropertyChange) -> Any:
    part = resource.get(detail.attribute, ABSENT)
    if detail.attribute == _PROPERTIES and isinstance(part, dict) and detail.name:
        return part.get(detail.name, ABSENT)
    return part


def _behind(
    details: list[PropertyChange], logical_id: str, path: str, sides: tuple[Side, Side]
) -> list[PropertyChange]:
    """The details that explain a difference: those whose cause is mentioned where it is."""
    caused = [detail for detail in details if detail.cause]
    names: set[str] = set()
    for side in sides:
        names |= mentioned(side.template, at(side.declared(logical_id), path))
    behind = [d for d in caused if d.cause.partition(".")[0] in names] or caused
    return behind or _switched(details[0], logical_id, path, sides) or details[:1]


def _switched(
    detail: PropertyChange, logical_id: str, path: str, sides: tuple[Side, Side]
) -> list[PropertyChange]:
    """A detail for each parameter whose change selects another branch of an Fn::If.

    CloudFormation does not name parameters behind a condition: it reports a modified template, even
    if the template is the same.
    """
    before, after = (_with_conditions(side, at(side.declared(logical_id), path)) for side in sides)
    if before != after:
        return []
    old, new = (side.parameters for side in sides)
    template = sides[1].template
    names = mentioned(template, after[0]) & template.parameters.keys()
    changed = sorted(name for name in names if old.get(name) != new.get(name))
    return [replace(detail, source="ParameterReference", cause=name) for name in changed]


def _with_conditions(side: Side, expression: Any) -> tuple[Any, Mapping[str, Any]]:
    """An expression, and the declarations of the conditions that it depends on."""
    declared = side.template.document.get("Conditions", {})
    names = mentioned(side.template, expression) & declared.keys()
    return expression, {name: declared[name] for name in names}


def _with_values(detail: PropertyChange, difference: ValueDifference) -> PropertyChange:
    before, after = value_text(difference.before), value_text(difference.after)
    if isinstance(difference.after, Unknown):
        after = KNOWN_AFTER_APPLY
    kind = "Add" if before is None else "Remove" if after is None else "Modify"
    return replace(detail, path=difference.path, kind=kind, before=before, after=after)


def _without_difference(detail: PropertyChange, after: Side) -> PropertyChange:
    """A detail without known values: a secret, or a value known only after the deployment."""
    if detail.cause in secret_parameters(after.template):
        return replace(detail, before=MASK, after=MASK)
    if detail.cause and detail.cause.partition(".")[0] in after.template.resources:
        return replace(detail, after=KNOWN_AFTER_APPLY)
    return detail


def value_text(value: Any) -> str | None:
    """A value as text: strings as they are, anything else as JSON; None if there is none.

    A value that is known only after a deployment is its expression: "{Key.Arn}".
    """
    if value is ABSENT:
        return None
    if isinstance(value, str | Unknown):
        return str(value)
    return json.dumps(value, sort_keys=True, default=str)
