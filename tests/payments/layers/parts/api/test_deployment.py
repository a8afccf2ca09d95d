from typing import Any
from unittest.mock import ANY

import pytest
from troposphere import Equals, Ref
from troposphere.apigateway import Model, RestApi, Stage

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.parts.api.deployment import deployment


def deployed(schema: dict[str, Any], *, stage: str = "v1", name: str = "Body") -> set[str]:
    """Logical ids of both deployments of an API."""
    blueprint = Blueprint("api", "An API.")
    api = blueprint.add(RestApi("RestApi", Name="api"))
    blueprint.add(Model(name, RestApiId=Ref(api), Schema=schema))
    blueprint.add(Stage("Stage", RestApiId=Ref(api), StageName=stage))
    blueprint.condition("Guarded", Equals("a", "a"))
    chosen = deployment(blueprint, api, ["Body"], "Guarded").to_dict()
    assert chosen == {"Fn::If": ["Guarded", {"Ref": ANY}, {"Ref": ANY}]}
    conditions = {}
    for reference in chosen["Fn::If"][1:]:
        snapshot = blueprint.template.resources[reference["Ref"]]
        assert snapshot.properties["RestApiId"] == Ref("RestApi")
        assert snapshot.DependsOn == ["Body"]
        conditions[snapshot.Condition] = snapshot.title
    assert list(conditions) == ["Guarded", "NotGuarded"]
    negated = blueprint.template.conditions["NotGuarded"].to_dict()
    assert negated == {"Fn::Not": [{"Condition": "Guarded"}]}
    return set(conditions.values())


def test_the_same_api_is_the_same_deployment() -> None:
    assert deployed({"type": "object"}) == deployed({"type": "object"})


@pytest.mark.parametrize(
    "other", [{"schema": {"type": "array"}}, {"schema": {"type": "object"}, "name": "Other"}]
)
def test_another_definition_is_another_deployment(other: dict[str, Any]) -> None:
    assert not deployed(**other) & deployed({"type": "object"})


def test_what_is_no_part_of_the_definition_needs_no_new_deployment() -> None:
    assert deployed({"type": "object"}, stage="v2") == deployed({"type": "object"})
