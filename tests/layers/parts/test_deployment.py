from typing import Any

import pytest
from troposphere import Ref
from troposphere.apigateway import Model, RestApi, Stage

from tapgen.layers.blueprint import Blueprint
from tapgen.layers.parts.deployment import deployment


def deployed(schema: dict[str, Any], *, stage: str = "v1", name: str = "Body") -> str:
    blueprint = Blueprint("api", "An API.")
    api = blueprint.add(RestApi("RestApi", Name="api"))
    blueprint.add(Model(name, RestApiId=Ref(api), Schema=schema))
    blueprint.add(Stage("Stage", RestApiId=Ref(api), StageName=stage))
    snapshot = deployment(blueprint, api, ["Body"])
    assert snapshot.properties["RestApiId"] == Ref("RestApi")
    assert snapshot.DependsOn == ["Body"]
    return str(snapshot.title)


def test_the_same_api_is_the_same_deployment() -> None:
    assert deployed({"type": "object"}) == deployed({"type": "object"})


@pytest.mark.parametrize(
    "other", [{"schema": {"type": "array"}}, {"schema": {"type": "object"}, "name": "Other"}]
)
def test_another_definition_is_another_deployment(other: dict[str, Any]) -> None:
    assert deployed(**other) != deployed({"type": "object"})


def test_what_is_no_part_of_the_definition_needs_no_new_deployment() -> None:
    assert deployed({"type": "object"}, stage="v2") == deployed({"type": "object"})
