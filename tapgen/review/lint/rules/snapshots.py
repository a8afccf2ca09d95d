"""A rule about snapshots: whether their identity covers everything that is in them."""

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
                f"takes {', '.join(names)}, but callers see the value that the deployment was made "
                "with: let the stage give it, as a stage variable"
            )
            yield Problem(path, message)
        if names := sorted(given & conditions):
            message = (
                f"follows {', '.join(names)}, but callers see the side that the deployment was "
                "made with: give each side a deployment, and let the stage choose"
            )
            yield Problem(path, message)


def _given(template: Template) -> Iterator[tuple[Path, frozenset[str]]]:
    """Path and names of what the properties mention that a deployment freezes, one by one."""
    for name, resource in template.resources.items():
        frozen = frozen_properties(resource)
        if frozen and "Condition" in resource:
            yield ("Resources", name), frozenset({resource["Condition"]})
        for path, value in nodes(frozen, ("Resources", name, "Properties")):
            if isinstance(value, dict):
                yield path, _mentioned(value)


def _mentioned(value: dict[str, Any]) -> frozenset[str]:
    """What an intrinsic function mentions itself; what stands within comes later."""
    if "Fn::If" in value:
        return frozenset({value["Fn::If"][0]})
    return references({name: value[name] for name in ("Ref", "Fn::Sub") if name in value})


def _switching(template: Template) -> frozenset[str]:
    """The conditions by which stages do not choose between deployments."""
    chosen = frozenset[str]().union(
        *(
            references(properties.get("DeploymentId"))
            for _, properties in resources(template, "AWS::ApiGateway::Stage")
        )
    )
    return frozenset(template.document.get("Conditions", {})) - chosen
