"""A rule about snapshots: values that would be frozen in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tapgen.model.templates.intrinsics import references
from tapgen.model.templates.positions import Path
from tapgen.model.templates.snapshots import frozen_properties
from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Problems, nodes, resources

_DEPLOYMENT: Final = "AWS::ApiGateway::Deployment"


def frozen_value(template: Template) -> Problems:
    """An API deployment contains no parameter values, because it would keep the old ones."""
    if not any(resources(template, _DEPLOYMENT)):
        return
    parameters = template.parameters.keys()
    conditions = _switching(template)
    for path, given in _given(template):
        if names := sorted(given & parameters):
            message = (
                f"contains {', '.join(names)}, but callers see the value at the time of the "
                "deployment: provide it as a stage variable"
            )
            yield Problem(path, message)
        if names := sorted(given & conditions):
            message = (
                f"depends on {', '.join(names)}, but callers see the side at the time of the "
                "deployment: declare a deployment for each side, and let the stage choose"
            )
            yield Problem(path, message)


def _given(template: Template) -> Iterator[tuple[Path, frozenset[str]]]:
    """Yield path and mentioned names of each value that a deployment freezes."""
    for name, resource in template.resources.items():
        frozen = frozen_properties(resource)
        if frozen and "Condition" in resource:
            yield ("Resources", name), frozenset({resource["Condition"]})
        for path, value in nodes(frozen, ("Resources", name, "Properties")):
            if isinstance(value, dict):
                yield path, _mentioned(value)


def _mentioned(value: dict[str, Any]) -> frozenset[str]:
    """The names in an intrinsic function itself; nested ones are visited on their own."""
    if "Fn::If" in value:
        return frozenset({value["Fn::If"][0]})
    return references({name: value[name] for name in ("Ref", "Fn::Sub") if name in value})


def _switching(template: Template) -> frozenset[str]:
    """The conditions that do not decide which deployment a stage uses."""
    chosen = frozenset[str]().union(
        *(
            references(properties.get("DeploymentId"))
            for _, properties in resources(template, "AWS::ApiGateway::Stage")
        )
    )
    return frozenset(template.document.get("Conditions", {})) - chosen
