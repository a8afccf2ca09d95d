"""The effect of a changed property on its resource in AWS.

It follows from AWS's schema of the type (see tapgen/review/schemas.py). The schema does not cover
interruptions (see tapgen/model/changes/interruptions.py) and is wrong in a few places, so two small
tables override it. Each entry has its reason, and tests/review/diff/test_requirements.py compares
everything with the AWS documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

from tapgen.model.changes.differences import ABSENT
from tapgen.model.changes.interruptions import INTERRUPTIONS
from tapgen.review.diff.effect import Effect
from tapgen.review.schemas import resource_schema

_ROOT: Final = "/properties/"
_ANY_ITEM: Final = "*"


class Requirement(NamedTuple):
    """The effect of a change, and its reason if it does not follow from the schema."""

    effect: Effect
    reason: str = ""


# Immutable types: a change of any property creates a new resource, and the old one stays as it is.
_VERSIONS: Final = frozenset({"AWS::Lambda::LayerVersion", "AWS::Lambda::Version"})

# The schema and the AWS documentation disagree, and the service's API decides.
_REPLACEMENTS: Final = {
    ("AWS::CertificateManager::Certificate", "ValidationMethod"): (
        "ACM cannot change how a certificate is validated"
    ),
    ("AWS::DynamoDB::Table", "KeySchema"): "DynamoDB cannot change the key of a table",
    ("AWS::DynamoDB::Table", "LocalSecondaryIndexes"): (
        "DynamoDB creates local indexes only together with the table"
    ),
    ("AWS::EC2::EIP", "Domain"): "an address is allocated for its domain",
    ("AWS::KMS::Key", "KeySpec"): "KMS cannot change it; CloudFormation fails the update",
    ("AWS::KMS::Key", "KeyUsage"): "KMS cannot change it; CloudFormation fails the update",
    ("AWS::KMS::Key", "MultiRegion"): "KMS cannot change it; CloudFormation fails the update",
    ("AWS::KMS::Key", "Origin"): "KMS cannot change it; CloudFormation fails the update",
}


def _attribute_definitions(before: Any, after: Any) -> Requirement:
    """DynamoDB: attributes are added and removed with indexes, but their types do not change."""
    old, new = (
        {name: item.get("AttributeType") for name, item in _by_name(side, "AttributeName").items()}
        for side in (before, after)
    )
    if any(old[name] != new[name] for name in old.keys() & new.keys()):
        return Requirement(Effect.REPLACEMENT, "DynamoDB cannot change the type of an attribute")
    return Requirement(Effect.IN_PLACE)


def _indexes(before: Any, after: Any) -> Requirement:
    """Changes that DynamoDB and CloudFormation's handler refuse although the schema allows them.

    "Cannot perform more than one GSI creation or deletion in a single update" and "Cannot update
    GSI's properties other than Provisioned Throughput ..." (aws/aws-cdk#12246, #11384 of
    aws-amplify/amplify-cli).
    """
    old, new = (_by_name(side, "IndexName") for side in (before, after))
    changed = [
        str(name)
        for name in old.keys() & new.keys()
        if any(old[name].get(key) != new[name].get(key) for key in ("KeySchema", "Projection"))
    ]
    if changed:
        return Requirement(
            Effect.FAILS,
            f"DynamoDB cannot change key or projection of an index ({', '.join(sorted(changed))}): "
            "create one with another name, and remove the old one in a later deployment",
        )
    if len(old.keys() ^ new.keys()) > 1:
        return Requirement(
            Effect.FAILS,
            "DynamoDB creates or removes only one index per update: deploy them one by one",
        )
    return Requirement(Effect.IN_PLACE)


def _immutable(_before: Any, _after: Any) -> Requirement:
    return Requirement(
        Effect.FAILS,
        "Cognito cannot change the sign-in names of a user pool: declare another pool, with a "
        "logical id of its own",
    )


def _user_attributes(before: Any, after: Any) -> Requirement:
    """CloudFormation user guide, AWS::Cognito::UserPool, Schema: attributes are only added."""
    new = _by_name(after, "Name")
    if all(new.get(name) == item for name, item in _by_name(before, "Name").items()):
        return Requirement(Effect.IN_PLACE)
    return Requirement(
        Effect.FAILS, "Cognito neither changes nor removes an attribute that a user pool has"
    )


# Engines that RDS can change without a new database: `isEngineMutable` of CloudFormation's handler,
# see tapgen/model/changes/interruptions.py.
_UPGRADES: Final = {
    ("aurora", "aurora-mysql"),
    ("oracle-ee", "oracle-ee-cdb"),
    ("oracle-se", "oracle-se2"),
    ("oracle-se1", "oracle-se2"),
    ("oracle-se2", "oracle-se2-cdb"),
}


def _engine(before: Any, after: Any) -> Requirement:
    if (before, after) in _UPGRADES:
        return Requirement(Effect.INTERRUPTION, "RDS upgrades the database to that engine")
    return Requirement(Effect.REPLACEMENT, f"RDS cannot change {before} to {after}")


def _insights_key(before: Any, _after: Any) -> Requirement:
    """Documented as a replacement, but the handler allows setting the first key."""
    if before in (ABSENT, ""):
        return Requirement(Effect.IN_PLACE)
    return Requirement(Effect.REPLACEMENT, "RDS cannot change the key of Performance Insights")


def _tenancy(before: Any, after: Any) -> Requirement:
    if (before, after) == ("dedicated", "default"):
        return Requirement(Effect.IN_PLACE, "EC2 can only change dedicated to default")
    return Requirement(Effect.REPLACEMENT, "EC2 can only change dedicated to default")


def _access_mode(before: Any, after: Any) -> Requirement:
    """API Gateway guide, "Security policies for REST APIs", on the endpoint access mode."""
    if before == "STRICT" != after:
        return Requirement(Effect.INTERRUPTION, "the API is unavailable for about 15 minutes")
    if after == "STRICT" != before:
        return Requirement(
            Effect.IN_PLACE,
            "requests for other hosts than the API's are then refused; AWS recommends BASIC first, "
            "and STRICT when the access log shows no such requests",
        )
    return Requirement(Effect.IN_PLACE)


# The values of the whole property decide; "conditional" in the schema or in the documentation.
_BY_VALUE: Final[dict[tuple[str, str], Callable[[Any, Any], Requirement]]] = {
    ("AWS::ApiGateway::RestApi", "EndpointAccessMode"): _access_mode,
    ("AWS::Cognito::UserPool", "AliasAttributes"): _immutable,
    ("AWS::Cognito::UserPool", "Schema"): _user_attributes,
    ("AWS::Cognito::UserPool", "UsernameAttributes"): _immutable,
    ("AWS::DynamoDB::Table", "AttributeDefinitions"): _attribute_definitions,
    ("AWS::DynamoDB::Table", "GlobalSecondaryIndexes"): _indexes,
    ("AWS::EC2::VPC", "InstanceTenancy"): _tenancy,
    ("AWS::RDS::DBInstance", "Engine"): _engine,
    ("AWS::RDS::DBInstance", "PerformanceInsightsKMSKeyId"): _insights_key,
}


def requirement(resource_type: str, path: str, before: Any, after: Any) -> Requirement:
    """The effect of a change of the part at `path` ("KeySchema/0/AttributeName").

    `before` and `after` are all properties of the resource on both sides.
    """
    found = _requirement(resource_type, path, before, after)
    if resource_type in _VERSIONS and found.effect is Effect.REPLACEMENT:
        return Requirement(
            Effect.VERSION, "published as a new version; the previous one stays as it is"
        )
    return found


# Types whose unique name is not their identifier: the prefix of a domain is unique in a region,
# whatever its pool (Cognito API reference, CreateUserPoolDomain); WAF's resources have an id, and a
# name that is unique in their scope (WAF API reference, WAFDuplicateItemException).
_NAMES: Final = {
    "AWS::Cognito::UserPoolDomain": ("Domain",),
    **dict.fromkeys(
        (
            "AWS::WAFv2::IPSet",
            "AWS::WAFv2::RegexPatternSet",
            "AWS::WAFv2::RuleGroup",
            "AWS::WAFv2::WebACL",
        ),
        ("Name", "Scope"),
    ),
}


def names(resource_type: str) -> tuple[str, ...]:
    """The properties that together are a resource's name; none if AWS assigns it."""
    if resource_type in _NAMES:
        return _NAMES[resource_type]
    schema = resource_schema(resource_type)
    identifier = schema.get("primaryIdentifier", [])
    if set(identifier) & set(schema.get("readOnlyProperties", [])):
        return ()
    return tuple(path.removeprefix(_ROOT) for path in identifier)


def is_set(resource_type: str, path: str) -> bool:
    """True if AWS treats the list at `path` as a set (`insertionOrder` of the schema)."""
    schema = resource_schema(resource_type)
    found: Mapping[str, Any] = {"properties": schema.get("properties", {})}
    for step in path.split("/"):
        found = _inner(schema, found, step)
    return _followed(schema, found).get("insertionOrder") is False


def _inner(schema: Mapping[str, Any], within: Mapping[str, Any], step: str) -> Mapping[str, Any]:
    """The schema of a part: of a property by its name, or of all members of a list."""
    described = _followed(schema, within)
    if "items" in described:
        return cast("Mapping[str, Any]", described["items"])
    return cast("Mapping[str, Any]", described.get("properties", {}).get(step, {}))


def _followed(schema: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part, or the definition that it refers to."""
    name = part.get("$ref", "").removeprefix("#/definitions/")
    return (
        {**schema["definitions"][name], **part} if name in schema.get("definitions", {}) else part
    )


def _requirement(resource_type: str, path: str, before: Any, after: Any) -> Requirement:
    top = (resource_type, path.partition("/")[0])
    if top in _BY_VALUE:
        return _BY_VALUE[top](before.get(top[1], ABSENT), after.get(top[1], ABSENT))
    if top in _REPLACEMENTS:
        return Requirement(Effect.REPLACEMENT, _REPLACEMENTS[top])
    if top in INTERRUPTIONS:
        return Requirement(Effect.INTERRUPTION, INTERRUPTIONS[top])
    schema = resource_schema(resource_type)
    if not schema:
        return Requirement(Effect.DEPENDS, f"AWS publishes no schema of {resource_type}")
    read_only = set(schema.get("readOnlyProperties", []))
    fixed = {
        *schema.get("createOnlyProperties", []),
        *(set(schema.get("primaryIdentifier", [])) - read_only),
    }
    changed = path.split("/")
    if _touches(fixed, changed, before, after):
        return Requirement(Effect.REPLACEMENT)
    if _touches(schema.get("conditionalCreateOnlyProperties", []), changed, before, after):
        return Requirement(Effect.DEPENDS, "the values decide")
    if "update" not in schema.get("handlers", {}):
        return Requirement(Effect.REPLACEMENT, f"AWS cannot update {resource_type}")
    return Requirement(Effect.IN_PLACE)


def _touches(paths: Sequence[str] | set[str], changed: list[str], before: Any, after: Any) -> bool:
    """True if the change affects any of the schema's paths, which may be above or below it."""
    for pointer in paths:
        steps = pointer.removeprefix(_ROOT).split("/")
        if not all(_same(*pair) for pair in zip(steps, changed, strict=False)):
            continue
        if len(steps) <= len(changed):
            return True
        if list(_values(before, steps)) != list(_values(after, steps)):
            return True
    return False


def _same(step: str, part: str) -> bool:
    return step in (_ANY_ITEM, part)


def _values(value: Any, steps: Sequence[str]) -> Iterator[Any]:
    """Yield all values at a schema's path."""
    if not steps:
        yield value
    elif steps[0] == _ANY_ITEM:
        for item in _listed(value):
            yield from _values(item, steps[1:])
    elif isinstance(value, dict) and steps[0] in value:
        yield from _values(value[steps[0]], steps[1:])


def _by_name(members: Any, name: str) -> dict[Any, Mapping[str, Any]]:
    """The members of a list by one of their properties."""
    return {one.get(name): one for one in _listed(members) if isinstance(one, dict)}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
