"""What the engine makes of every type that AWS describes: nothing raises, and data is told.

No table by type in the engine knows them all, so each has to have an answer for the others.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any, Final

import pytest

from tapgen.aws.errors import UnableError
from tapgen.aws.readers.any_type import comparable
from tapgen.aws.readers.registry import READERS, counted
from tapgen.aws.readers.values import NotRead
from tapgen.aws.resources.cloud_control import identifier_of
from tapgen.aws.resources.kept import found_again, kind_of
from tapgen.deploy.observe.attributes import known_attributes
from tapgen.deploy.observe.comparison import compare as compare_values
from tapgen.deploy.observe.expectations import expected
from tapgen.iam.handlers import MAKING, permissions
from tapgen.iam.policies import underivable
from tapgen.model.stack import Stack
from tapgen.model.templates.snapshots import frozen_properties
from tapgen.model.templates.stateful import STATEFUL_TYPES, holds_data
from tapgen.model.templates.template import Template
from tapgen.review.declared import long_names
from tapgen.review.diff.causes import Context
from tapgen.review.diff.comparison import compare
from tapgen.review.diff.matching import name_in_the_way
from tapgen.review.diff.requirements import is_set, names, requirement
from tapgen.review.diff.snapshot import snapshot
from tapgen.review.lint.rules.registry import rules_for
from tapgen.review.lint.rules.rule import Placement
from tapgen.review.retention import naming_of
from tapgen.review.schemas import identifier_properties, names_of, resource_schema, types
from tests.second.platform import PLATFORM

PLACE: Final = {"region": "eu-west-1", "account": "111111111111"}
TAGS: Final = {"Environment": "dev", "Layer": "data", "ManagedBy": "tapgen", "Project": "acme"}
TYPES: Final = sorted(types())
_DEPTH: Final = 1
# So many types at a time: a template of them is larger than any real one, and quick to look at.
_AT_A_TIME: Final = 40
PARTS: Final = [TYPES[at : at + _AT_A_TIME] for at in range(0, len(TYPES), _AT_A_TIME)]


def example(schema: dict[str, Any], part: Any, depth: int = 0) -> Any:
    """A value of the kind that a part of a schema asks for; the smallest beyond some depth."""
    name = part.get("$ref", "").removeprefix("#/definitions/")
    of = {**schema.get("definitions", {}).get(name, {}), **part}
    of |= next(iter([*of.get("oneOf", ()), *of.get("anyOf", ())]), {})
    kind = of.get("type", "object" if "properties" in of else "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if "enum" in of:
        return of["enum"][0]
    if kind == "object":
        inside = of.get("properties", {}) if depth < _DEPTH else {}
        return {key: example(schema, value, depth + 1) for key, value in inside.items()}
    if kind == "array":
        return [example(schema, of.get("items", {}), depth + 1)] if depth < _DEPTH else []
    return {"boolean": True, "integer": 1, "number": 1}.get(kind, "text")


def another(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, dict):
        return {name: another(part) for name, part in value.items()}
    if isinstance(value, list):
        return [another(part) for part in value]
    return not value if isinstance(value, bool) else f"{value}2" if value == "text" else value


def properties(kind: str) -> dict[str, Any]:
    """A value for every property that a template may set."""
    schema = resource_schema(kind)
    hidden = names_of(schema.get("readOnlyProperties", ()))
    tags = names_of([schema.get("tagging", {}).get("tagProperty", "/properties/Tags")])
    return {
        name: example(schema, part)
        for name, part in schema["properties"].items()
        if name not in {*hidden, *tags}
    }


def resource(kind: str) -> dict[str, Any]:
    return {"Type": kind, "DeletionPolicy": "Retain", "Properties": properties(kind)}


def stack(kinds: list[str], *, changed: bool = False) -> Stack:
    """A stack with one resource of each type; `changed` has other values."""
    resources = {f"It{number}": resource(kind) for number, kind in enumerate(kinds)}
    for one in resources.values() if changed else ():
        one["Properties"] = another(one["Properties"])
    template = Template("data", json.dumps({"Resources": resources}))
    name, place = "acme-dev-data", PLACE["region"]
    return Stack(
        "dev", "data", name, PLACE["account"], place, template, {}, {}, TAGS, protected=True
    )


def part_name(part: list[str]) -> str:
    return f"{part[0]}..{part[-1]}"


@pytest.mark.parametrize("part", PARTS, ids=part_name)
def test_what_is_declared_is_the_same_when_it_is_read_back(part: list[str]) -> None:
    for kind in part:
        declared = properties(kind)
        found = comparable(kind, declared, declared)
        assert found.keys() == declared.keys()
        for name, value in declared.items():
            differing = [one for one in compare_values(name, value, found[name]) if one.ok is False]
            assert not differing, (kind, differing)
        missing = comparable(kind, declared, {})
        assert all(isinstance(value, NotRead) for value in missing.values())
        assert (counted(kind) == frozenset()) or kind in READERS


@pytest.mark.parametrize("part", PARTS, ids=part_name)
def test_every_table_has_an_answer(part: list[str]) -> None:
    for kind in part:
        declared = properties(kind)
        of = resource(kind)
        assert identifier_properties(kind)
        with suppress(UnableError):
            assert "physical-id" in identifier_of(kind, "physical-id", {})
        naming, known = naming_of(kind), kind_of(kind)
        assert (naming is None) or known is not None
        assert found_again({"Type": kind}) is (kind == "AWS::KMS::Key")
        assert holds_data(of) is (kind in STATEFUL_TYPES) or "GenerateSecretString" in declared
        assert isinstance(expected(of, {"It": of}, None), dict)
        assert isinstance(frozen_properties(of), dict)
        ids = {"It": (kind, "name|id|REGIONAL")}
        assert isinstance(known_attributes({}, ids, {}, PLACE), dict)
        assert isinstance(name_in_the_way(of), str | None)
        assert isinstance(names(kind), tuple)
        for name, value in declared.items():
            assert requirement(kind, name, declared, {**declared, name: another(value)}).effect
            assert is_set(kind, name) in {True, False}


@pytest.mark.parametrize("part", PARTS, ids=part_name)
def test_rules_and_differences_have_something_to_say(part: list[str]) -> None:
    before, after = stack(part), stack(part, changed=True)
    rules = rules_for(PLATFORM)
    for one in (before, after):
        for rule in rules.templates:
            assert all(problem.message for problem in rule.check(one.template)), rule.id
        for each in rules.stacks:
            placement = Placement(one, {"data": one})
            assert all(problem.message for problem in each.check(placement)), each.id
        assert all(fault for *_, fault in long_names(one))
    old, new = ({"data": snapshot(one)} for one in (before, after))
    (layer,) = compare("dev", old, new, Context({}, "out/")).layers
    changed = {change.logical_id for change in layer.resources}
    differing = {
        f"It{number}"
        for number, kind in enumerate(part)
        if properties(kind) != another(properties(kind))
    }
    assert changed == differing


# Properties by which a schema says that there is something to lose, whatever it is.
_PROTECTED: Final = re.compile(r"(Deletion|Delete|Termination)Protect|DisableApiTermination")
_BACKED_UP: Final = re.compile(r"BackupRetention|SnapshotRetention|PointInTime|FinalSnapshot")
# Types with such a property that hold no data of their own, or only what is kept elsewhere.
NOT_DATA: Final = {
    "AWS::AppConfig::ConfigurationProfile": "settings that come from elsewhere",
    "AWS::AppConfig::Environment": "a place for them",
    "AWS::AutoScaling::AutoScalingGroup": "machines that come and go",
    "AWS::CloudTrail::Dashboard": "a view",
    "AWS::EC2::Instance": "a machine; what it keeps is on volumes",
    "AWS::ECS::Gateway": "a way to machines",
    "AWS::EKS::Cluster": "machines and what is told to run on them",
    "AWS::ElastiCache::Snapshot": "a copy",
    "AWS::EventsV2::Subscriber": "a subscription",
    "AWS::NetworkFirewall::Firewall": "rules",
    "AWS::Redshift::Snapshot": "a copy",
    "AWS::SMSVOICE::NotifyConfiguration": "settings",
    "AWS::SMSVOICE::PhoneNumber": "a number",
    "AWS::SMSVOICE::Pool": "numbers",
    "AWS::SMSVOICE::ProtectConfiguration": "settings",
    "AWS::SMSVOICE::RcsAgent": "settings",
    "AWS::SMSVOICE::SenderId": "a name",
    "AWS::WellArchitected::AgentProfile": "settings",
}


def test_whatever_can_be_protected_or_backed_up_is_data_or_said_not_to_be() -> None:
    suspected = {
        kind
        for kind in TYPES
        for name in resource_schema(kind)["properties"]
        if _PROTECTED.search(name) or _BACKED_UP.search(name)
    }
    assert "AWS::RDS::DBInstance" in suspected
    assert suspected - STATEFUL_TYPES == NOT_DATA.keys()


def test_what_is_called_data_is_a_type() -> None:
    assert set(TYPES) >= STATEFUL_TYPES


@pytest.mark.parametrize("part", PARTS, ids=part_name)
def test_permissions_are_told_or_said_to_be_unknown(part: list[str]) -> None:
    one = stack(part)
    unknown = underivable([one])
    for kind in part:
        needed = permissions({kind: [properties(kind)]}, MAKING)
        assert bool(needed) or kind in unknown or resource_schema(kind)["handlers"]
