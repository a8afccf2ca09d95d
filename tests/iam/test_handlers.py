"""Which permissions the handlers of a resource type take."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.iam.handlers import FEATURES, FORGOTTEN, MAKING, READING, permissions, underivable
from tapgen.iam.reference import known
from tapgen.iam.scope import Scope
from tapgen.review.schemas import resource_schema

if TYPE_CHECKING:
    from tapgen.render.rendering import Rendered


@pytest.fixture(scope="module")
def properties(rendered: Rendered) -> dict[str, list[dict[str, Any]]]:
    """Resource type -> properties, of every environment."""
    found: dict[str, list[dict[str, Any]]] = {}
    for stacks in rendered.stacks.values():
        for kind, declared in Scope(stacks).properties.items():
            found.setdefault(kind, []).extend(dict(one) for one in declared)
    return found


def named(kind: str) -> set[str]:
    handlers = resource_schema(kind)["handlers"]
    return {action for one in handlers.values() for action in one.get("permissions", [])}


def test_the_schemas_say_what_every_type_in_use_takes(properties: dict[str, Any]) -> None:
    silent = {kind for kind in properties if not named(kind)}
    assert not silent


@pytest.mark.parametrize("feature", FEATURES, ids=lambda one: f"{one.type} {one.permissions}"[:60])
def test_every_pattern_of_an_unused_feature_takes_something_away(feature: Any) -> None:
    kinds = [
        "AWS::Lambda::Function", "AWS::Lambda::Version", "AWS::Lambda::Alias",
        "AWS::Logs::LogGroup", "AWS::Logs::DeliverySource", "AWS::Logs::DeliveryDestination",
        "AWS::SNS::Topic", "AWS::SNS::Subscription", feature.type,
    ]  # fmt: skip
    covered = {kind for kind in kinds if fnmatchcase(kind, feature.type)} - {
        one for one in kinds if "*" in one
    }
    offered = {action for kind in covered for action in named(kind)}
    for pattern in feature.permissions.split():
        assert any(fnmatchcase(action, pattern) for action in offered), pattern
    assert feature.why


@pytest.mark.parametrize("feature", [one for one in FEATURES if one.property], ids=str)
def test_a_feature_that_is_used_gets_its_permissions(feature: Any) -> None:
    kind = feature.type
    if "*" in kind or not feature.property:
        pytest.skip("the reason of a whole family is no property")
    with_it = permissions({kind: [{feature.property: "used"}]})
    without = permissions({kind: [{}]})
    assert without <= with_it
    known_ones = {
        action
        for action in named(kind)
        if known(action)
        for pattern in feature.permissions.split()
        if fnmatchcase(action, pattern)
    }
    assert not known_ones or with_it - without


def test_what_the_schemas_forget_is_known_and_really_forgotten() -> None:
    for one in FORGOTTEN:
        assert one.source
        for action in one.permissions.split():
            assert known(action)


def test_reading_takes_a_part_of_making(properties: dict[str, Any]) -> None:
    assert permissions(properties, READING) < permissions(properties, MAKING)


def test_names_that_are_no_actions_are_left_out() -> None:
    assert "lambda:AssociateRuntimeAlias" in named("AWS::Lambda::Function")
    assert "lambda:AssociateRuntimeAlias" not in permissions({"AWS::Lambda::Function": [{}]})


def test_a_type_that_nobody_has_looked_at_yet_gets_all_its_schema_names() -> None:
    """So a new layer can be deployed; what it does not need is taken away on review."""
    found = permissions({"AWS::Kinesis::Stream": [{}]})
    assert found == {one for one in named("AWS::Kinesis::Stream") if known(one)} - unlisted()


@pytest.mark.parametrize("kind", ["AWS::SES::EmailIdentity", "AWS::RDS::DBInstance"])
def test_types_of_other_platforms_have_permissions_too(kind: str) -> None:
    found = permissions({kind: [{}]})
    assert {f"{kind.split('::')[1].lower()}:"} <= {f"{one.partition(':')[0]}:" for one in found}
    assert underivable([kind]) == ()


def test_a_type_whose_schema_names_nothing_is_told() -> None:
    types = ["AWS::CodeBuild::Project", "Custom::Thing", "AWS::SQS::Queue", "Custom::Thing"]
    assert permissions({kind: [{}] for kind in types[:2]}) == frozenset()
    assert underivable(types) == ("AWS::CodeBuild::Project", "Custom::Thing")


def unlisted() -> set[str]:
    """What only a list handler needs, which CloudFormation does not call."""
    handlers = resource_schema("AWS::Kinesis::Stream")["handlers"]
    rest = {a for name, one in handlers.items() if name != "list" for a in one["permissions"]}
    return set(handlers["list"]["permissions"]) - rest
