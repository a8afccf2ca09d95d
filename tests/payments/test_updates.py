"""After an update nothing has drifted, whatever it changed: made from templates and schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tapgen.deploy.observe.drift import look_for_drift
from tapgen.model.templates.template import Template
from tapgen.review.diff.effect import Effect
from tapgen.review.diff.requirements import requirement
from tapgen.review.schemas import resource_schema
from tests.conftest import ENVS, environments_with
from tests.lab import deploy_all, opened

if TYPE_CHECKING:
    from tapgen.deploy.target.target import Target
    from tapgen.local.client import LocalAws
    from tapgen.model.stack import Stack

pytestmark = pytest.mark.slow


def other(value: Any, schema: dict[str, Any]) -> Any:
    """Another value that the schema allows; None where it tells of none."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1 if value < schema.get("maximum", value + 1) else value - 1
    return None


def changes(
    value: Any, schema: dict[str, Any], definitions: dict[str, Any], path: tuple[Any, ...] = ()
) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Path and another value of each number and each switch that is written into the template."""
    if reference := schema.get("$ref"):
        schema = definitions[reference.rpartition("/")[2]]
    if isinstance(value, dict):
        for name, inner in value.items():
            known = schema.get("properties", {}).get(name)
            if known is not None:
                yield from changes(inner, known, definitions, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from changes(inner, schema.get("items", {}), definitions, (*path, number))
    elif (changed := other(value, schema)) is not None:
        yield path, changed


def put(document: Any, path: tuple[Any, ...], value: Any) -> None:
    for step in path[:-1]:
        document = document[step]
    document[path[-1]] = value


# (Type, end of the path) -> why another number or switch is none that AWS would take.
NOT_CHANGED = {
    ("AWS::CloudFront::Distribution", "Enabled"): "whoever calls would get nothing",
    ("AWS::CloudFront::Distribution", "ErrorCode"): "a code of HTTP",
    ("AWS::CloudWatch::Alarm", "Period"): "a multiple of a minute",
    ("AWS::CloudWatch::Alarm", "ReturnData"): "true for exactly one",
    ("AWS::DynamoDB::Table", "SSEEnabled"): "another key cannot be named then",
    ("AWS::KMS::Key", "EnableKeyRotation"): "the period is told only while it is on",
    ("AWS::Route53::RecordSet", "EvaluateTargetHealth"): "never of a distribution",
    ("AWS::SecretsManager::Secret", "ExcludePunctuation"): "another secret is no drift",
    ("AWS::SecretsManager::Secret", "PasswordLength"): "another secret is no drift",
    ("AWS::WAFv2::WebACL", "EvaluationWindowSec"): "one of four",
}


@pytest.fixture(scope="module")
def target(local_aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Target:
    """An environment of its own, deployed."""
    folder = tmp_path_factory.mktemp("updated")
    settings = yaml.safe_load((ENVS / "staging.yaml").read_text())
    settings |= {"account_id": "700000000001", "domain": "updated.example.com"}
    del settings["name"]
    envs = environments_with(folder / "envs", "updated", settings)
    made = opened(local_aws, envs, "updated")
    deploy_all(made)
    return made


def updated(target: Target) -> tuple[Target, dict[str, set[str]]]:
    """The environment with all of it changed, and what was: logical id -> paths."""
    stacks: dict[str, Stack] = {}
    changed: dict[str, set[str]] = {}
    for layer, stack in target.stacks.items():
        document = json.loads(stack.template.text)
        for logical_id, resource in document["Resources"].items():
            schema = resource_schema(resource["Type"])
            properties = resource.get("Properties", {})
            for path, value in [*changes(properties, schema, schema.get("definitions", {}))]:
                name = "/".join(map(str, path))
                if (resource["Type"], path[-1]) in NOT_CHANGED:
                    continue
                if requirement(resource["Type"], name, {}, {}).effect is Effect.IN_PLACE:
                    put(properties, path, value)
                    changed.setdefault(f"{layer}.{logical_id}", set()).add(name)
        tags = {**stack.tags, "CostCenter": "CHANGED"}
        template = Template(layer, json.dumps(document))
        stacks[layer] = replace(stack, template=template, tags=tags)
    return replace(target, stacks=stacks), changed


def test_nothing_has_drifted_after_an_update(target: Target) -> None:
    after, changed = updated(target)
    assert len(changed) > 40
    deploy_all(after)
    found = {
        f"{layer.layer}.{one.logical_id}": one.properties
        for layer in look_for_drift(after, after.stacks)
        for one in layer.drifted
    }
    assert found == {}
