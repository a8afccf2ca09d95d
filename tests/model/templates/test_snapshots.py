from __future__ import annotations

from typing import Any

import pytest

from tapgen.model.templates.snapshots import frozen_properties


@pytest.mark.parametrize(
    ("kind", "frozen"),
    [
        ("ApiGateway::Method", {"Name": "a", "Policy": "p"}),
        ("ApiGateway::Authorizer", {"Name": "a", "Policy": "p"}),
        ("ApiGateway::RestApi", {"Policy": "p"}),
        ("ApiGateway::Stage", {}),
        ("SQS::Queue", {}),
    ],
)
def test_a_deployment_freezes_the_definition_alone(kind: str, frozen: dict[str, Any]) -> None:
    resource = {"Type": f"AWS::{kind}", "Properties": {"Name": "a", "Policy": "p"}}
    assert frozen_properties(resource) == frozen


def test_a_resource_without_properties_has_none_that_are_frozen() -> None:
    assert frozen_properties({"Type": "AWS::ApiGateway::Method"}) == {}
