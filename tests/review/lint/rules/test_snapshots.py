from __future__ import annotations

import json
from typing import Any

import pytest

from tapgen.model.templates.template import Template
from tapgen.render.rendering import Rendered
from tapgen.review.lint.rules.snapshots import frozen_value
from tests.review.lint.rules.shipped import Mutation, assert_found, mutated, removing, setting

URI = ("Integration", "Uri")


def conditional(document: dict[str, Any]) -> None:
    document["Resources"]["GetSessions"]["Condition"] = "IsManageAccountLogging"


@pytest.mark.parametrize(
    "mutate",
    [
        setting("GetSessions", *URI, to={"Fn::Sub": "x/${SessionManagerAliasArn}/invocations"}),
        setting("Authorizer", "ProviderARNs", 0, to={"Ref": "UserPoolArn"}),
        setting("RestApi", "Policy", to={"Statement": [{"Resource": {"Ref": "Prefix"}}]}),
        setting("GetSessions", "HttpMethod", to={"Fn::If": ["IsManageAccountLogging", "A", "B"]}),
        conditional,
    ],
)
def test_what_a_parameter_gives_or_switches_is_found_in_a_snapshot(
    rendered: Rendered, mutate: Mutation
) -> None:
    assert_found(frozen_value, rendered.templates["api"], mutate)


def test_each_place_is_told(rendered: Rendered) -> None:
    mutate = setting("GetSessions", *URI, to={"Fn::Sub": "${Prefix}:${SessionManagerAliasArn}"})
    (problem,) = frozen_value(mutated(rendered.templates["api"], mutate))
    assert problem.path == ("Resources", "GetSessions", "Properties", *URI)
    assert problem.message.startswith("contains Prefix, SessionManagerAliasArn, but callers see")


@pytest.mark.parametrize(
    "mutate",
    [
        setting("RestApi", "Name", to={"Ref": "Prefix"}),
        setting("GetSessions", "OperationName", to={"Ref": "AWS::Region"}),
        setting("GetSessions", "HttpMethod", to={"Fn::If": ["AsksForToken", "GET", "PUT"]}),
        removing("Stage"),
    ],
)
def test_what_is_right_is_let_pass(rendered: Rendered, mutate: Mutation) -> None:
    found = [*frozen_value(mutated(rendered.templates["api"], mutate))]
    # Without a stage nobody chooses a deployment, and every side is one too many.
    assert all("depends on AsksForToken" in problem.message for problem in found)
    assert bool(found) is (mutate.__qualname__.startswith("removing"))


def test_a_template_without_deployments_freezes_nothing() -> None:
    method = {"Type": "AWS::ApiGateway::Method", "Properties": {"HttpMethod": {"Ref": "Verb"}}}
    document = {"Parameters": {"Verb": {"Type": "String"}}, "Resources": {"Get": method}}
    assert not [*frozen_value(Template("api", json.dumps(document)))]
